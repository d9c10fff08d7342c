import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Config } from './s3-config.ts';
import type { Storage } from './storage.ts';

/** Signs uploads of exactly one key, type and length. It asks no store, so it works while the store is away. */
export function createTickets(
  { bucket: Bucket, uploadMethod }: S3Config,
  signer: S3Client,
  clock: () => number,
): Storage['presign'] {
  const secondsTo = (expiresAt: number) => Math.ceil((expiresAt - clock()) / 1000);

  const put: Storage['presign'] = async ({ key: Key, contentType, size, expiresAt }) => {
    const headers = { 'Content-Type': contentType, 'If-None-Match': '*' };
    const command = new PutObjectCommand({
      Bucket,
      Key,
      ContentType: contentType,
      ContentLength: size,
      IfNoneMatch: '*',
    });
    const url = await getSignedUrl(signer, command, {
      expiresIn: secondsTo(expiresAt),
      signingDate: new Date(clock()),
      // By itself the SDK leaves the type out: then any would do.
      signableHeaders: new Set(['content-type']),
    });
    return { method: 'PUT', url, headers };
  };

  /** A form's policy knows no "only once": while the ticket lives, a second upload replaces the first. */
  const post: Storage['presign'] = async ({ key: Key, contentType, size, expiresAt }) => {
    const { url, fields } = await createPresignedPost(signer, {
      Bucket,
      Key,
      Expires: secondsTo(expiresAt),
      Fields: { 'Content-Type': contentType },
      Conditions: [
        ['eq', '$Content-Type', contentType],
        ['content-length-range', size, size],
      ],
    });
    return { method: 'POST', url, fields };
  };

  return uploadMethod === 'PUT' ? put : post;
}
