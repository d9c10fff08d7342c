import { z } from 'zod';
import { ConfigError } from '../config-error.ts';

export interface S3Config {
  region: string;
  bucket: string;
  /** Of another store than Amazon's, addressed by path; unset means Amazon's. */
  endpoint: string | undefined;
  /** The same store as browsers reach it; unset means as this server does. */
  browserEndpoint: string | undefined;
  /** Unset means what the AWS SDK finds by itself: a role of the machine, a profile. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  uploadMethod: 'PUT' | 'POST';
  /** How long one request may take; each is tried three times. */
  timeoutMs: number;
}

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });

export const s3Variables = {
  AWS_REGION: z.string().optional(),
  AWS_BUCKET_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the name of a bucket')
    .optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  S3_ENDPOINT: url.optional(),
  S3_UPLOAD_METHOD: z.enum(['PUT', 'POST']).default('PUT'),
};

type Variables = z.output<z.ZodObject<typeof s3Variables>> & { VISAVIS_STORAGE_URL?: string | undefined };

/** `undefined` without a bucket: then pictures lie on the disk. Machines of Amazon's have a region and keys anyway. */
export function readS3(env: Variables): S3Config | undefined {
  if (env.AWS_BUCKET_NAME === undefined) {
    if (env.S3_ENDPOINT === undefined) return undefined;
    throw new ConfigError('unable to start; S3_ENDPOINT is set: set AWS_BUCKET_NAME and AWS_REGION too');
  }
  if (env.AWS_REGION === undefined) {
    throw new ConfigError('unable to start; AWS_BUCKET_NAME is set: set AWS_REGION too');
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigError(
      'unable to start; set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither to use a role',
    );
  }
  const session = env.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: env.AWS_SESSION_TOKEN };
  return {
    region: env.AWS_REGION,
    bucket: env.AWS_BUCKET_NAME,
    endpoint: env.S3_ENDPOINT,
    browserEndpoint: env.VISAVIS_STORAGE_URL,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...session },
    uploadMethod: env.S3_UPLOAD_METHOD,
    timeoutMs: 5_000,
  };
}
