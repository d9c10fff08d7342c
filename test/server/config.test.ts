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
  ['VISAVIS_SECRET', { HOST: '0.0.0.0' }],
  ['VISAVIS_PUBLIC_URL', { ...good, VISAVIS_PUBLIC_URL: '' }],
  ['VISAVIS_PUBLIC_URL', { ...good, VISAVIS_PUBLIC_URL: 'api.example' }],
  ['VISAVIS_STORAGE_URL', { VISAVIS_STORAGE_URL: 'javascript:alert(1)' }],
  ['NODE_ENV', { NODE_ENV: 'prod' }],
  ['PORT', { PORT: 'http' }],
  ['PORT', { PORT: '70000' }],
  ['VISAVIS_UPLOADS_PER_MINUTE', { VISAVIS_UPLOADS_PER_MINUTE: '0' }],
  ['S3_AVATAR_FOLDER', { S3_AVATAR_FOLDER: '../x' }],
  ['VISAVIS_LOG', { VISAVIS_LOG: 'loud' }],
])('the settings name %s when it is wrong', (name, env) => {
  expect(() => readConfig(env)).toThrow(name);
});
