import { type CORSRule, GetBucketCorsCommand, PutBucketCorsCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../config.ts';
import type { S3Config } from './s3-config.ts';

const RULE_ID = 'visavis-uploads';

/** What a bucket must allow so that pages can send uploads to it: nothing can be read by it. */
export function uploadRule({ origins, publicUrl, port }: Config, { uploadMethod }: S3Config): CORSRule {
  const own = new URL(publicUrl ?? `http://localhost:${port}`).origin;
  return {
    ID: RULE_ID,
    AllowedOrigins: [...new Set([own, ...origins])],
    AllowedMethods: [uploadMethod],
    AllowedHeaders: ['content-type', 'if-none-match'],
    MaxAgeSeconds: 3600,
  };
}

/** Puts the rule in the place of an earlier one, and leaves all others as they are. */
export async function applyUploadRule(client: S3Client, Bucket: string, rule: CORSRule): Promise<CORSRule[]> {
  const before = await client
    .send(new GetBucketCorsCommand({ Bucket }))
    .then(({ CORSRules = [] }) => CORSRules, noRules);
  const CORSRules = [...before.filter(({ ID }) => ID !== RULE_ID), rule];
  await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return CORSRules;
}

function noRules(error: unknown): CORSRule[] {
  if (error instanceof Error && error.name === 'NoSuchCORSConfiguration') return [];
  throw error;
}
