import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { Storage } from '../storage/storage.ts';
import { storableName } from '../text.ts';
import { renderSizes, type SourceType, sides } from './picture-sizes.ts';
import { newPictureKey } from './picture-types.ts';
import { noUser, showAgain, showUpload } from './shown-pictures.ts';
import { type CompletedAvatar, recordUpload, settle, type UploadFile } from './uploads.ts';

export interface DirectUpload {
  /** Takes a whole file, makes every size of it here and shows it at once. Keys and formats are ours. */
  accept(
    file: { bytes: Buffer; name: string },
    rules: { types: readonly SourceType[]; isKept?: boolean },
  ): Promise<CompletedAvatar>;
}

export interface DirectUploads {
  /** Goes before the file is read: of two uploads the last begun wins. The sweep takes what is never accepted. */
  begin(userId: string): Promise<DirectUpload>;
  /** Shows a picture of the user's history again. */
  showAgain(userId: string, filename: string): Promise<CompletedAvatar>;
}

const fileTypes = ['avatar', 'thumb', 'medium'] as const;

export function createDirectUploads(settings: {
  database: Database;
  storage: Storage;
  clock: () => number;
  folder: string;
  /** Hears of failures that cost nothing but disk space. */
  report: (error: unknown) => void;
}): DirectUploads {
  const { database, storage, clock, folder, report } = settings;

  /** Known before anything is published, so that the sweep finds what a crash leaves behind. */
  async function record(userId: string) {
    const id = randomUUID();
    const files = fileTypes.map((type): UploadFile => {
      const published_key = newPictureKey(folder, userId, 'image/webp');
      return { type, content_type: 'image/webp', size: 0, staged_key: `${id}/${type}`, published_key };
    });
    const recorded = { id, userId, expiresAt: new Date(clock()), files };
    const start = await database.transaction((tx) => recordUpload(tx, recorded));
    if (start === undefined) throw noUser();
    return { upload: { id, user_id: userId, start, outcome: null }, files };
  }

  return {
    async begin(userId) {
      const { upload, files } = await record(userId);
      return {
        async accept({ bytes, name }, { types, isKept = false }) {
          const { files: rendered, source } = await renderSizes(bytes, types);
          for (const { type, published_key } of files) await storage.publish(published_key, rendered[type]);
          const details = {
            originalFilename: storableName(name),
            fileSize: rendered.avatar.length,
            width: sides.avatar,
            height: sides.avatar,
            metadata: { source },
            isKept,
          };
          const at = new Date(clock());
          const { outcome, fresh, unused } = await database.transaction((tx) =>
            showUpload(tx, upload, files, details, at),
          );
          await storage.unpublish(unused).catch(report);
          return settle(outcome, fresh);
        },
      };
    },

    async showAgain(userId, filename) {
      const at = new Date(clock());
      const { unused, ...avatar } = await database.transaction((tx) => showAgain(tx, userId, filename, at));
      await storage.unpublish(unused).catch(report);
      return avatar;
    },
  };
}
