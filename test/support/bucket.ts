import {
  type CORSRule,
  CreateBucketCommand,
  GetBucketCorsCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { readConfig } from '../../examples/server/src/config.ts';
import { createS3Client } from '../../examples/server/src/storage/s3-client.ts';
import type { S3Config } from '../../examples/server/src/storage/s3-config.ts';
import type { Radosgw } from './services/radosgw.ts';

/** A bucket of a store of ours, and what its owner sees in it. */
export class Bucket {
  readonly name: string;
  /** The reference server's settings. */
  readonly env: Readonly<Record<string, string>>;
  readonly #client: S3Client;

  private constructor(name: string, env: Record<string, string>) {
    this.name = name;
    this.env = env;
    this.#client = createS3Client(this.config(), env.S3_ENDPOINT);
  }

  static async create(store: Radosgw, name: string): Promise<Bucket> {
    const bucket = new Bucket(name, store.settings(name));
    await bucket.#client.send(new CreateBucketCommand({ Bucket: name }));
    return bucket;
  }

  config(more: Partial<S3Config> = {}): S3Config {
    const { s3 } = readConfig({ NODE_ENV: 'test', ...this.env });
    if (s3 === undefined) throw new Error('the settings name no bucket');
    return { ...s3, ...more };
  }

  /** Sizes by key. */
  async objects(prefix = ''): Promise<Record<string, number>> {
    const { Contents = [] } = await this.#client.send(
      new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix }),
    );
    return Object.fromEntries(Contents.map(({ Key = '', Size = 0 }) => [Key, Size]));
  }

  head(key: string): Promise<HeadObjectCommandOutput> {
    return this.#client.send(new HeadObjectCommand({ Bucket: this.name, Key: key }));
  }

  async rules(): Promise<CORSRule[]> {
    const { CORSRules = [] } = await this.#client.send(new GetBucketCorsCommand({ Bucket: this.name }));
    return CORSRules;
  }

  async allow(CORSRules: CORSRule[]): Promise<void> {
    const CORSConfiguration = { CORSRules };
    await this.#client.send(new PutBucketCorsCommand({ Bucket: this.name, CORSConfiguration }));
  }

  close(): void {
    this.#client.destroy();
  }
}
