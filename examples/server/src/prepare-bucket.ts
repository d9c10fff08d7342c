import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { applyUploadRule, uploadRule } from './storage/bucket-cors.ts';
import { createS3Client } from './storage/s3-client.ts';

/** Prints the CORS rule the bucket needs, as the AWS command line takes it; `--apply` adds it to those it has. */
async function prepare(): Promise<void> {
  // It serves nobody, so it needs nothing of production.
  const config = readConfig({ NODE_ENV: 'development', ...process.env });
  if (config.s3 === undefined) throw new ConfigError('unable to prepare a bucket; set AWS_BUCKET_NAME');
  const rule = uploadRule(config, config.s3);
  const isApplied = process.argv.includes('--apply');
  const client = createS3Client(config.s3, config.s3.endpoint);
  const CORSRules = isApplied ? await applyUploadRule(client, config.s3.bucket, rule) : [rule];
  client.destroy();
  console.log(JSON.stringify({ CORSRules }, null, 2));
}

prepare().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
