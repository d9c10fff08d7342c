import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { ConfigError } from '../config-error.ts';
import { ApiError } from '../errors.ts';
import { typeOfKey } from '../pictures/picture-types.ts';
import { createS3Client } from './s3-client.ts';
import type { S3Config } from './s3-config.ts';
import { createTickets } from './s3-tickets.ts';
import type { Storage } from './storage.ts';

const MAX_AGE = 'public, max-age=31536000, immutable';

/**
 * A bucket. Browsers put into its staging folder, which must not be public; published pictures lie in other folders.
 * Throws a {@link ConfigError} when the bucket, the region or the keys are wrong; a store that does not answer is reported.
 */
export async function openS3Storage(settings: {
  s3: S3Config;
  /** The folder staged keys begin with. */
  stagingFolder: string;
  /** How long a ticket may live at most. */
  uploadSeconds: number;
  clock: () => number;
  report: (error: unknown) => void;
}): Promise<Storage> {
  const { s3, clock, report } = settings;
  const { bucket: Bucket, uploadMethod } = s3;
  const staging = `${settings.stagingFolder}/`;
  const client = createS3Client(s3, s3.endpoint);
  // Signatures hold the host, so they are made for the one browsers see.
  const signer =
    s3.browserEndpoint === undefined || s3.browserEndpoint === s3.endpoint
      ? client
      : createS3Client(s3, s3.browserEndpoint);

  const presign = createTickets(s3, signer, clock);

  /** Nothing of a staged object is kept but its name: while that is taken, its ticket is of no use. */
  const empty = (Key: string) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: '', ContentLength: 0 }));
  const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }));

  async function readObject(Key: string): Promise<Buffer | undefined> {
    const object = await client.send(new GetObjectCommand({ Bucket, Key })).catch(missing);
    return object && Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  }

  try {
    await client.send(new ListObjectsV2Command({ Bucket, Prefix: staging, MaxKeys: 1 }));
  } catch (error) {
    const wrong = explain(error, s3);
    if (wrong !== undefined) throw new ConfigError(`unable to start; ${wrong}`);
    report(error);
  }
  const sample = { key: 'any', contentType: 'image/png', size: 1, expiresAt: clock() + 1000 };
  const { origin } = new URL((await presign(sample)).url);

  return {
    uploadOrigin: () => origin,

    presign,

    stat: (Key) =>
      answered(async () => {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key })).catch(missing);
        return head && { size: head.ContentLength ?? 0 };
      }),

    read: (key) => answered(() => readObject(key)),

    publish: (Key, Body) =>
      answered(async () => {
        await client
          .send(
            new PutObjectCommand({
              Bucket,
              Key,
              Body,
              ContentType: typeOfKey(Key),
              ContentDisposition: 'inline',
              CacheControl: MAX_AGE,
              IfNoneMatch: '*',
            }),
          )
          .catch(alreadyThere);
      }),

    readPublished: (key) => answered(() => readObject(key)),

    unstage: (keys) =>
      answered(async () => {
        await Promise.all(keys.map(uploadMethod === 'PUT' ? empty : remove));
      }),

    unpublish: (keys) =>
      answered(async () => {
        await Promise.all(keys.map(remove));
      }),

    async sweep(before) {
      // The store knows when an object came, not when its ticket ran out.
      const oldest = before - settings.uploadSeconds * 1000;
      let after: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket, Prefix: staging, ContinuationToken: after }),
        );
        for (const { Key = '', LastModified } of page.Contents ?? []) {
          if (LastModified !== undefined && LastModified.getTime() < oldest) await remove(Key);
        }
        after = page.NextContinuationToken;
      } while (after !== undefined);
    },

    close() {
      client.destroy();
      signer.destroy();
    },
  };
}

/** A store that is away is a passing trouble, and the caller may know. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ApiError(
      503,
      'STORAGE_UNAVAILABLE',
      'unable to reach the pictures; the store does not answer, try again',
      { cause },
    );
  }
}

const statusOf = (error: unknown) =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

function missing(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined;
  throw error;
}

function alreadyThere(error: unknown): undefined {
  if (statusOf(error) === 412) return undefined;
  throw error;
}

/** What is wrong with the settings; `undefined` when the store may just be away. */
function explain(error: unknown, { bucket, region }: S3Config): string | undefined {
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return 'there are no keys for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  if (!(error instanceof S3ServiceException)) return undefined;
  const status = statusOf(error);
  if (status === 404) return `AWS_BUCKET_NAME: there is no bucket ${bucket}`;
  if (status === 301 || error.name === 'AuthorizationHeaderMalformed') {
    return `AWS_REGION: the bucket ${bucket} is not in ${region}`;
  }
  if (status === 403) return `the keys may not list the bucket ${bucket} (${error.name})`;
  return undefined;
}
