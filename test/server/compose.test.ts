import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig, settingNames } from '../../examples/server/src/config.ts';
import { ANSWER_MS } from '../../examples/server/src/database/postgres-database.ts';
import type { Json } from './support.ts';

const compose: Json = parse(readFileSync('compose.yaml', 'utf8'), { merge: true });
const nodes: Json[] = [compose.services.node1, compose.services.node2];
const nginx = readFileSync('examples/server/nginx.conf', 'utf8');

/** A value without its `${NAME:-fallback}`. */
const settings = (node: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string>(node.environment).map(([name, value]) => [
      name,
      value.replace(/\$\{\w+:-([^}]*)\}/, '$1'),
    ]),
  );

test('every setting of compose.yaml is one that the server knows, and takes', () => {
  for (const node of nodes) {
    expect(Object.keys(node.environment).filter((name) => !settingNames.includes(name))).toEqual([]);
    const config = readConfig(settings(node));
    expect(config).toMatchObject({ development: false, host: '0.0.0.0', logLevel: 'info' });
    expect(config.s3).toBeDefined();
    expect(config.redis).toBeDefined();
    const { drainMs, shutdownMs } = config.limits;
    expect(2 * drainMs + shutdownMs + ANSWER_MS).toBeLessThan(
      Number.parseInt(node.stop_grace_period, 10) * 1_000,
    );
  }
});

test('the image is for production unless it is told otherwise, and is built with what builds it', () => {
  const dockerfile = readFileSync('examples/server/Dockerfile', 'utf8');
  const own = Object.fromEntries([...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, ...pair]) => pair));
  expect(() => readConfig(own)).toThrow('VISAVIS_SECRET');
  const config = readConfig({
    ...own,
    VISAVIS_SECRET: 's'.repeat(32),
    VISAVIS_PUBLIC_URL: 'https://api.example',
  });
  expect(config).toMatchObject({ development: false, host: '0.0.0.0' });
  expect(dockerfile).toContain(`EXPOSE ${config.port}\n`);
  expect(dockerfile.indexOf('ENV NODE_ENV')).toBeGreaterThan(dockerfile.indexOf('npm ci'));
});

test('what the nodes are told of the other services is what those are', () => {
  const [node] = nodes.map(settings);
  const { postgres, store, bucket } = compose.services;
  const database = new URL(node?.DATABASE_URL ?? '');
  expect([database.username, database.password, database.hostname, database.pathname]).toEqual([
    postgres.environment.POSTGRES_USER,
    postgres.environment.POSTGRES_PASSWORD,
    'postgres',
    `/${postgres.environment.POSTGRES_DB}`,
  ]);
  expect(store.environment).toEqual({
    MINIO_ROOT_USER: node?.AWS_ACCESS_KEY_ID,
    MINIO_ROOT_PASSWORD: node?.AWS_SECRET_ACCESS_KEY,
  });
  const made = bucket.entrypoint.at(-1);
  expect(made).toContain(`${node?.S3_ENDPOINT} ${node?.AWS_ACCESS_KEY_ID} ${node?.AWS_SECRET_ACCESS_KEY}`);
  expect(made).toContain(`store/${node?.AWS_BUCKET_NAME}`);
});

test('nginx.conf names the nodes of compose.yaml, and is where nginx looks for it', () => {
  const named = [...nginx.matchAll(/server (\w+):(\d+)/g)].map(([, name, port]) => `${name}:${port}`);
  const [node] = nodes.map(settings);
  expect([...new Set(named)]).toEqual([`node1:${node?.PORT}`, `node2:${node?.PORT}`]);
  expect(compose.services.nginx.volumes).toEqual([
    './examples/server/nginx.conf:/etc/nginx/conf.d/default.conf:ro',
  ]);
});

test('every setting of the server is explained in its docs, and no other', () => {
  const docs = readFileSync('docs/server.md', 'utf8');
  const rows = [...docs.matchAll(/^\| (`[A-Z][A-Z0-9_]+`(?:, `[A-Z][A-Z0-9_]+`)*) +\|/gm)];
  const explained = rows.flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(explained.toSorted()).toEqual(settingNames.toSorted());
});
