import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ConfigError } from './config-error.ts';
import { ApiError } from './errors.ts';
import { typeOfKey } from './picture-types.ts';
import type { S3Config } from './s3-config.ts';
import type { Storage, UploadTicket } from './storage.ts';

const MAX_AGE = 'public, max-age=31536000, immutable';
const NEVER_BEFORE = '*';

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
  const client = createClient(s3, s3.endpoint);
  // Signatures hold the host, so they are made for the one browsers see.
  const signer =
    s3.browserEndpoint === undefined || s3.browserEndpoint === s3.endpoint
      ? client
      : createClient(s3, s3.browserEndpoint);

  const presignPut = async (object: {
    key: string;
    contentType: string;
    size: number;
    expiresIn: number;
  }) => {
    const put = new PutObjectCommand({
      Bucket,
      Key: object.key,
      ContentType: object.contentType,
      ContentLength: object.size,
      IfNoneMatch: NEVER_BEFORE,
    });
    const url = await getSignedUrl(signer, put, {
      expiresIn: object.expiresIn,
      signingDate: new Date(clock()),
      // By itself the SDK signs neither of the first two: then any type and length would do.
      signableHeaders: new Set(['content-type', 'content-length', 'if-none-match', 'host']),
      unhoistableHeaders: new Set(['if-none-match']),
    });
    const headers = { 'Content-Type': object.contentType, 'If-None-Match': NEVER_BEFORE };
    return { method: 'PUT' as const, url, headers };
  };

  const presignPost = async (object: {
    key: string;
    contentType: string;
    size: number;
    expiresIn: number;
  }) => {
    const { url, fields } = await createPresignedPost(signer, {
      Bucket,
      Key: object.key,
      Expires: object.expiresIn,
      Fields: { 'Content-Type': object.contentType },
      Conditions: [
        ['eq', '$Content-Type', object.contentType],
        ['content-length-range', object.size, object.size],
      ],
    });
    return { method: 'POST' as const, url, fields };
  };

  /** Nothing of a staged object is kept but its name: while that is taken, its ticket is of no use. */
  const empty = (Key: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: '' }));
  const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }));

  async function read(Key: string): Promise<Buffer | undefined> {
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
  const { url } = await presignPut({ key: 'any', contentType: 'image/png', size: 1, expiresIn: 1 });
  const { origin } = new URL(url);

  return {
    uploadOrigin: () => origin,

    presign: ({ expiresAt, ...object }): Promise<UploadTicket> => {
      const expiresIn = Math.ceil((expiresAt - clock()) / 1000);
      return uploadMethod === 'PUT'
        ? presignPut({ ...object, expiresIn })
        : presignPost({ ...object, expiresIn });
    },

    stat: (Key) =>
      answered(async () => {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key })).catch(missing);
        return head && { size: head.ContentLength ?? 0 };
      }),

    read: (key) => answered(() => read(key)),

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
              IfNoneMatch: NEVER_BEFORE,
            }),
          )
          .catch(alreadyThere);
      }),

    readPublished: (key) => answered(async () => (key.startsWith(staging) ? undefined : read(key))),

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

function createClient({ region, credentials }: S3Config, endpoint: string | undefined): S3Client {
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Other stores than Amazon's know no such checksums, and a browser cannot compute one for a presigned PUT.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      socketTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
  });
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
