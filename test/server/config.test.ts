import { expect, test } from 'vitest';
import { readConfig } from '../../examples/server/src/config.ts';

test('the settings have defaults for development', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    development: true,
    port: 3000,
    host: '127.0.0.1',
    avatarFolder: 'avatars',
  });
  expect(config.limits).toMatchObject({ uploadsPerMinute: 5, uploadSeconds: 300, socketsPerUser: 10 });
});

const good = {
  NODE_ENV: 'production',
  VISAVIS_SECRET: 's'.repeat(32),
  VISAVIS_PUBLIC_URL: 'https://api.example',
};

test('the settings are enough for production when secret and address are set', () => {
  expect(readConfig(good)).toMatchObject({ development: false, host: '0.0.0.0' });
});

test.each<[string, Record<string, string>]>([
  ['VISAVIS_SECRET', { ...good, VISAVIS_SECRET: '' }],
  ['VISAVIS_SECRET', { ...good, VISAVIS_SECRET: 'short' }],
  ['VISAVIS_SECRET', { NODE_ENV: 'development', HOST: '0.0.0.0' }],
  ['VISAVIS_PUBLIC_URL', { ...good, VISAVIS_PUBLIC_URL: '' }],
  ['VISAVIS_PUBLIC_URL', { ...good, VISAVIS_PUBLIC_URL: 'api.example' }],
  ['VISAVIS_STORAGE_URL', { VISAVIS_STORAGE_URL: 'javascript:alert(1)' }],
  ['NODE_ENV', { NODE_ENV: 'prod' }],
  ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/x' }],
  ['DATABASE_URL', { DATABASE_URL: 'postgres://localhost' }],
  ['DATABASE_CONNECTIONS', { DATABASE_CONNECTIONS: 'many' }],
  ['PORT', { PORT: 'http' }],
  ['PORT', { PORT: '70000' }],
  ['VISAVIS_UPLOADS_PER_MINUTE', { VISAVIS_UPLOADS_PER_MINUTE: '0' }],
  ['S3_AVATAR_FOLDER', { S3_AVATAR_FOLDER: '../x' }],
  ['VISAVIS_LOG', { VISAVIS_LOG: 'loud' }],
  ['set AWS_REGION', { AWS_BUCKET_NAME: 'pictures' }],
  ['set AWS_BUCKET_NAME', { S3_ENDPOINT: 'http://127.0.0.1:9000', AWS_REGION: 'eu-west-1' }],
  ['AWS_BUCKET_NAME', { AWS_BUCKET_NAME: 'Not A Bucket', AWS_REGION: 'eu-west-1' }],
  ['S3_ENDPOINT', { AWS_BUCKET_NAME: 'pictures', AWS_REGION: 'eu-west-1', S3_ENDPOINT: 'minio:9000' }],
  [
    'AWS_SECRET_ACCESS_KEY',
    { AWS_BUCKET_NAME: 'pictures', AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA' },
  ],
  ['S3_UPLOAD_METHOD', { S3_UPLOAD_METHOD: 'PATCH' }],
])('the settings name %s when it is wrong', (name, env) => {
  expect(() => readConfig(env)).toThrow(name);
});

const reachable: [string, Record<string, string>][] = [
  ['HOST', { HOST: '0.0.0.0' }],
  ['public URL', { VISAVIS_PUBLIC_URL: 'https://api.example' }],
];

test.each(reachable)('development on a %s that others reach has to be asked for', (_, env) => {
  const others = { ...env, VISAVIS_SECRET: good.VISAVIS_SECRET };
  for (const NODE_ENV of [undefined, '']) {
    expect(() => readConfig({ ...others, NODE_ENV })).toThrow('unable to start; set NODE_ENV');
  }
  expect(readConfig({ ...others, NODE_ENV: 'development' }).development).toBe(true);
});

test.each(['http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:3000/base'])(
  'development is what runs at %s',
  (address) => expect(readConfig({ VISAVIS_PUBLIC_URL: address }).development).toBe(true),
);

test('pictures lie on the disk unless a bucket is named, whatever a machine of Amazon has set', () => {
  const ambient = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(readConfig(ambient).s3).toBeUndefined();
  const bucket = { AWS_REGION: 'eu-west-1', AWS_BUCKET_NAME: 'pictures' };
  expect(readConfig(bucket).s3).toEqual({
    region: 'eu-west-1',
    bucket: 'pictures',
    endpoint: undefined,
    browserEndpoint: undefined,
    credentials: undefined,
    uploadMethod: 'PUT',
    timeoutMs: 5_000,
  });
  expect(readConfig({ ...ambient, ...bucket, AWS_SESSION_TOKEN: 'session' }).s3).toMatchObject({
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'session' },
  });
});

test('the database has one address per host', () => {
  const url = 'postgresql://user:p%40ss@one:5432,[::1]:5433,three/name?sslmode=require';
  expect(readConfig({ DATABASE_URL: url }).database.addresses).toEqual([
    'postgresql://user:p%40ss@one:5432/name?sslmode=require',
    'postgresql://user:p%40ss@[::1]:5433/name?sslmode=require',
    'postgresql://user:p%40ss@three/name?sslmode=require',
  ]);
  expect(readConfig({}).database.addresses).toBeUndefined();
});

test('what is wrong with a setting is told without its value', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgres://user:hunter2@host' })).toThrow(
    /^unable to start; DATABASE_URL: must look like [^;]*$/,
  );
  expect(() => readConfig({ DATABASE_URL: 'postgres://user:hunter2@host' })).not.toThrow('hunter2');
});
