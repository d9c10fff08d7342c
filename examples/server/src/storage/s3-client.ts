import { S3Client } from '@aws-sdk/client-s3';
import type { S3Config } from './s3-config.ts';

/** A client of the store at this address; of Amazon's without one. */
export function createS3Client(
  { region, credentials, timeoutMs }: S3Config,
  endpoint: string | undefined,
): S3Client {
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Other stores than Amazon's know no such checksums, and a presigned PUT would ask a browser for one.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  });
}
