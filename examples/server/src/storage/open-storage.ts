import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { openDiskStorage } from './disk-storage.ts';
import type { Storage } from './storage.ts';
import { uploadRoutes } from './storage-routes.ts';

/** The bucket where one is set, else a folder of this machine, with the route its uploads arrive at. */
export async function openStorage(
  { s3, dataDir, database, secret, limits }: Config,
  settings: {
    stagingFolder: string;
    /** Where browsers reach the disk's uploads. */
    storageUrl: () => string;
    clock: () => number;
    report: (error: unknown) => void;
  },
): Promise<{ storage: Storage; uploads?: (http: FastifyInstance) => Promise<void> }> {
  const { stagingFolder, storageUrl, clock, report } = settings;
  if (s3 !== undefined) {
    // The SDK is large, and most do without.
    const { openS3Storage } = await import('./s3-storage.ts');
    const { uploadSeconds } = limits;
    return { storage: await openS3Storage({ s3, stagingFolder, uploadSeconds, clock, report }) };
  }
  const folder = join(dataDir, 'objects');
  // Nodes that share a database may share the folder too.
  const isShared = database.addresses !== undefined;
  const storage = await openDiskStorage({ folder, isShared, secret, clock, putBase: storageUrl });
  return { storage, uploads: (http) => uploadRoutes(http, storage) };
}
