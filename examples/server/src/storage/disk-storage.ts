import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../errors.ts';
import type { Storage } from './storage.ts';

/** What a presigned URL says and a PUT brings. */
export interface PutRequest {
  key: string;
  query: Record<string, unknown>;
  contentType: string | undefined;
  contentLength: string | undefined;
  body: Readable;
}

export interface DiskStorage extends Storage {
  accept(put: PutRequest): Promise<void>;
}

const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9_./-]{0,199}$/;

/**
 * An object store in a folder. Each key is one file name, so no key can point outside:
 * `staged/` and its `spent/` marks, `public/`, and `partial/` for uploads still arriving.
 */
export async function openDiskStorage(settings: {
  folder: string;
  /** Whether other nodes use the folder too: then what is still arriving may be theirs. */
  isShared: boolean;
  secret: string;
  clock: () => number;
  /** Where PUTs arrive, as browsers see it. Asked late: the port may not be known yet. */
  putBase: () => string;
}): Promise<DiskStorage> {
  const { folder, isShared, clock, putBase } = settings;
  const signingKey = createHmac('sha256', settings.secret).update('visavis disk storage').digest();
  const place = (area: string, key: string) => join(folder, area, encodeURIComponent(key));

  if (!isShared) await rm(join(folder, 'partial'), { recursive: true, force: true });
  for (const area of ['partial', 'staged', 'spent', 'public'])
    await mkdir(join(folder, area), { recursive: true });

  function sign(key: string, type: string, size: string, expires: string): string {
    return createHmac('sha256', signingKey)
      .update(['PUT', key, type, size, expires].join('\n'))
      .digest('hex');
  }

  function checkTicket({ key, query, contentType, contentLength }: PutRequest): number {
    const { type, size, expires, signature } = query;
    if (
      ![type, size, expires, signature].every((value) => typeof value === 'string') ||
      !keyPattern.test(key)
    ) {
      throw new ApiError(403, 'BAD_SIGNATURE', 'unable to store; the URL is not signed');
    }
    const expected = Buffer.from(sign(key, String(type), String(size), String(expires)));
    const given = Buffer.from(String(signature));
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
      throw new ApiError(403, 'BAD_SIGNATURE', 'unable to store; the signature does not match');
    }
    if (clock() >= Number(expires))
      throw new ApiError(403, 'URL_EXPIRED', 'unable to store; the URL has expired');
    if (contentType !== type) {
      throw new ApiError(415, 'WRONG_CONTENT_TYPE', `unable to store; the URL was made for ${type}`);
    }
    if (contentLength === undefined) {
      throw new ApiError(411, 'LENGTH_REQUIRED', 'unable to store; send a Content-Length');
    }
    if (contentLength !== size)
      throw new ApiError(400, 'WRONG_LENGTH', `unable to store; the URL was made for ${size} bytes`);
    return Number(expires);
  }

  /** The mark outlives the object, so a URL that was used stays used after the object is gone. */
  async function spend(key: string, expires: number): Promise<void> {
    try {
      await writeFile(place('spent', key), String(expires), { flag: 'wx' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw alreadyStored();
      throw error;
    }
  }

  const remove = async (area: string, keys: readonly string[]) => {
    for (const key of keys) await rm(place(area, key), { force: true });
  };

  return {
    uploadOrigin: () => new URL(putBase()).origin,

    async presign({ key, contentType, size, expiresAt }) {
      const query = new URLSearchParams({
        type: contentType,
        size: String(size),
        expires: String(expiresAt),
        signature: sign(key, contentType, String(size), String(expiresAt)),
      });
      const url = `${putBase()}/storage/${key}?${query}`;
      return { method: 'PUT', url, headers: { 'Content-Type': contentType } };
    },

    async accept(put) {
      const expires = checkTicket(put);
      if (await sizeOf(place('spent', put.key))) throw alreadyStored();
      const partial = join(folder, 'partial', randomUUID());
      try {
        await pipeline(put.body, createWriteStream(partial, { flags: 'wx', flush: true })).catch(cutShort);
        if (String(await sizeOf(partial)) !== put.contentLength) {
          cutShort({ code: 'ECONNRESET' });
        }
        await spend(put.key, expires);
        await rename(partial, place('staged', put.key));
      } finally {
        await rm(partial, { force: true });
      }
    },

    async stat(stagedKey) {
      const size = await sizeOf(place('staged', stagedKey));
      return size === undefined ? undefined : { size };
    },

    read: (stagedKey) => readFile(place('staged', stagedKey)).catch(missing),

    async publish(key, bytes) {
      const partial = join(folder, 'partial', randomUUID());
      await writeFile(partial, bytes, { flush: true });
      try {
        await link(partial, place('public', key));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      } finally {
        await rm(partial, { force: true });
      }
    },

    unstage: (keys) => remove('staged', keys),
    unpublish: (keys) => remove('public', keys),

    async sweep(before) {
      for (const name of await readdir(join(folder, 'partial'))) {
        const partial = await stat(join(folder, 'partial', name)).catch(missing);
        if (partial && partial.mtimeMs < before) await rm(join(folder, 'partial', name), { force: true });
      }
      for (const name of await readdir(join(folder, 'spent'))) {
        const expires = Number(await readFile(join(folder, 'spent', name), 'utf8'));
        if (expires >= before) continue;
        await rm(join(folder, 'staged', name), { force: true });
        await rm(join(folder, 'spent', name), { force: true });
      }
    },

    async readPublished(key) {
      return keyPattern.test(key) ? readFile(place('public', key)).catch(missing) : undefined;
    },

    close() {},
  };
}

function alreadyStored(): ApiError {
  return new ApiError(412, 'ALREADY_UPLOADED', 'unable to store; this URL has been used');
}

/** The caller went away: no fault of ours, so it is not logged as one. */
function cutShort(error: { code?: string }): never {
  if (error.code !== 'ECONNRESET' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  throw new ApiError(400, 'WRONG_LENGTH', 'unable to store; the upload was cut short');
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then((file) => file.size, missing);
}

function missing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
