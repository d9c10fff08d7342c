import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { embedded, embeddedSettings, engineSettings } from '../support/engines.ts';
import { serverFolder } from '../support/server-folder.ts';
import {
  avatarAndThumb,
  call,
  complete,
  type Json,
  listen,
  picture,
  presign,
  signIn,
  stage,
  startServer,
  stored,
  uploadAvatar,
} from './support.ts';

const main = fileURLToPath(new URL('../../examples/server/src/main.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await serverFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Child {
  process: ChildProcess;
  url: string;
  output: () => string;
  /** The exit code, or the signal. */
  ended: Promise<number | string>;
}

async function spawnServer(env: Record<string, string> = {}): Promise<Omit<Child, 'url'>> {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      PORT: '0',
      VISAVIS_DATA: folder,
      ...(await engineSettings(folder)),
      ...env,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { process: child, output: () => output, ended };
}

async function runServer(env?: Record<string, string>): Promise<Child> {
  const child = await spawnServer(env);
  const address = /^visavis is at (\S+)$/m;
  await Promise.race([
    child.ended.then(() => {
      throw new Error(`the server ended: ${child.output()}`);
    }),
    expect.poll(child.output, { timeout: 30_000, interval: 20 }).toMatch(address),
  ]);
  return { ...child, url: address.exec(child.output())?.[1] ?? '' };
}

describe('a restart', () => {
  test('keeps people, pictures and versions', async () => {
    const first = await startServer({ dataDir: folder });
    const token = await signIn(first, 'u1');
    await uploadAvatar(first, token);
    const shown = await uploadAvatar(first, token);
    await call(first, 'PATCH', '/api/users/me/profile', { token, json: { display_name: 'Maya Two' } });
    await first.stop();

    const second = await startServer({ dataDir: folder });
    const profile = (await call(second, 'GET', '/api/users/u1/profile', { token })).body;
    expect(profile).toMatchObject({ display_name: 'Maya Two', avatar_version: shown.avatar_version });
    expect((await fetch(profile.avatar_url)).status).toBe(200);
    expect((await uploadAvatar(second, token)).avatar_version).toBe(shown.avatar_version + 1);
    await second.stop();
  });

  test('remembers a finished upload, so that a late repeat still gets the first answer', async () => {
    const first = await startServer({ dataDir: folder });
    const token = await signIn(first, 'u1');
    const uploads = await stage(first, token, await avatarAndThumb());
    const { body } = await complete(first, token, uploads);
    await first.stop();
    const second = await startServer({ dataDir: folder });
    const again = await complete(second, token, uploads);
    await second.stop();
    expect(again.body).toMatchObject({ avatar_key: body.avatar_key, avatar_version: body.avatar_version });
  });

  test('of an unfinished upload lets it finish while its URL could live', async () => {
    const first = await startServer({ dataDir: folder });
    const token = await signIn(first, 'u1');
    const uploads = await stage(first, token, await avatarAndThumb());
    await first.stop();
    const second = await startServer({ dataDir: folder });
    expect((await complete(second, token, uploads)).status).toBe(200);
    await second.stop();
  });
});

describe('the data folder', () => {
  test('has one server: a second is refused and the first lives on', async () => {
    const first = await runServer(embeddedSettings);
    const second = await spawnServer(embeddedSettings);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`another server (process ${first.process.pid}) is using it`);
    expect(second.output()).not.toMatch(/\n\s+at /);
    const third = startServer({ dataDir: folder, ...embedded });
    await expect(third).rejects.toThrow('unable to open the data folder');
    expect((await call(first, 'GET', '/healthz')).status).toBe(200);
  });

  test('has one server within a process, too', async () => {
    const start = () => startServer({ dataDir: folder, ...embedded });
    const first = await start();
    await expect(start()).rejects.toThrow('is using it');
    await first.stop();
    await (await start()).stop();
  });

  test('goes to exactly one of many that take over a dead lock at once', async () => {
    await writeFile(
      join(folder, 'server.lock'),
      JSON.stringify({ pid: 2 ** 22 - 1, host: hostname(), born: 'x' }),
    );
    const started = await Promise.allSettled(Array.from({ length: 4 }, () => runServer(embeddedSettings)));
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('kill -9', () => {
  test('loses nothing that was answered, and the next start takes the folder over', async () => {
    const first = await runServer({ VISAVIS_UPLOADS_PER_MINUTE: '1000' });
    const token = await signIn(first, 'u1');
    let shown: Json;
    for (let upload = 0; upload < 5; upload++) shown = await uploadAvatar(first, token);
    const pending = await stage(first, token, await avatarAndThumb());
    first.process.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');

    const second = await runServer();
    const profile = (await call(second, 'GET', '/api/users/u1/profile', { token })).body;
    expect(profile.avatar_version).toBe(shown.avatar_version);
    expect((await fetch(profile.avatar_url)).status).toBe(200);
    expect((await complete(second, token, pending)).status).toBe(200);
  });

  test('in the middle of a storm of completes leaves a version that is right and pictures that load', async () => {
    const first = await runServer({ VISAVIS_UPLOADS_PER_MINUTE: '1000' });
    const token = await signIn(first, 'u1');
    const staged = [];
    for (let upload = 0; upload < 8; upload++) staged.push(await stage(first, token, await avatarAndThumb()));
    let answered = 0;
    const storm = staged.map(async (uploads) => {
      const answer = await complete(first, token, uploads);
      if (answer.status === 200) answered = Math.max(answered, answer.body.avatar_version);
      first.process.kill('SIGKILL');
    });
    await Promise.allSettled(storm);
    await first.ended;

    const second = await startServer({ dataDir: folder });
    const profile = (await call(second, 'GET', '/api/users/u1/profile', { token })).body;
    expect(profile.avatar_version).toBeGreaterThanOrEqual(answered);
    expect((await fetch(profile.avatar_url)).status).toBe(200);
    expect((await fetch(profile.avatar_thumb_url)).status).toBe(200);
    const { clock } = second;
    await second.app.close();
    clock.ahead += 49 * 60 * 60_000;
    const third = await startServer({ dataDir: folder, clock });
    expect(await stored(third, 'staged')).toEqual([]);
    expect(await stored(third, 'public')).toHaveLength(2);
    await third.stop();
  });

  test('in the middle of a PUT leaves no part of it', async () => {
    const first = await runServer(embeddedSettings);
    const token = await signIn(first, 'u1');
    const bytes = await picture('png', 512);
    const { body } = await presign(first, token, [{ type: 'avatar', bytes, contentType: 'image/png' }]);
    const cut = request(body.uploads[0].url, {
      method: 'PUT',
      headers: { 'Content-Type': 'image/png', 'Content-Length': bytes.length },
    });
    cut.on('error', () => {});
    cut.write(bytes.subarray(0, 100));
    const partial = () => stored({ folder } as Json, 'partial');
    await expect.poll(partial).toHaveLength(1);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await startServer({ dataDir: folder, ...embedded });
    expect(await partial()).toEqual([]);
    expect(await stored(second, 'staged')).toEqual([]);
    await second.stop();
  });
});

describe('a graceful stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s closes sockets, frees the folder and exits with 0',
    async (signal) => {
      const child = await runServer();
      const { socket } = await listen(child, await signIn(child, 'u1'));
      const gone = once(socket as Json, 'disconnect');
      child.process.kill(signal);
      expect(await child.ended).toBe(0);
      await gone;
      await expect(readFile(join(folder, 'server.lock'))).rejects.toThrow('ENOENT');
      expect(child.output()).not.toMatch(/error/i);
    },
    60_000,
  );

  test('finishes the requests that are running', async () => {
    const server = await startServer({ dataDir: folder, limits: { shutdownMs: 20_000 } });
    const token = await signIn(server, 'u1');
    const bytes = await picture();
    const { body } = await presign(server, token, [{ type: 'avatar', bytes }]);
    const slow = request(body.uploads[0].url, {
      method: 'PUT',
      headers: { 'Content-Type': 'image/webp', 'Content-Length': bytes.length },
    });
    const answer = once(slow, 'response');
    slow.write(bytes.subarray(0, 10));
    await expect.poll(() => stored(server, 'partial')).toHaveLength(1);
    const stopped = server.app.close();
    slow.end(bytes.subarray(10));
    expect((await answer)[0].statusCode).toBe(200);
    await stopped;
    expect(await stored(server, 'staged')).toHaveLength(1);
  });

  test('does not wait for ever', async () => {
    const server = await startServer({ dataDir: folder, limits: { shutdownMs: 100 } });
    const token = await signIn(server, 'u1');
    const { body } = await presign(server, token, [{ type: 'avatar', bytes: Buffer.alloc(100) }]);
    const stuck = request(body.uploads[0].url, {
      method: 'PUT',
      headers: { 'Content-Type': 'image/webp', 'Content-Length': 100 },
    });
    const broken = once(stuck, 'error');
    stuck.write(Buffer.alloc(10));
    await expect.poll(() => stored(server, 'partial')).toHaveLength(1);
    await server.app.close();
    await broken;
    expect(await stored(server, 'staged')).toEqual([]);
  });

  test('can be asked for twice', async () => {
    const server = await startServer({ dataDir: folder });
    void server.app.close();
    await server.app.close();
    await (await startServer({ dataDir: folder })).stop();
  });
});

describe('a start', () => {
  test('on a busy port says so, exits with 1 and frees the folder', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const child = await spawnServer({ PORT: String(port) });
    expect(await child.ended).toBe(1);
    taken.close();
    expect(child.output()).toContain('the port is in use');
    expect(child.output()).not.toMatch(/\n\s+at /);
    await expect(readFile(join(folder, 'server.lock'))).rejects.toThrow('ENOENT');
  });

  test('in production with the sample secret is refused in one line', async () => {
    const child = await spawnServer({ NODE_ENV: 'production', VISAVIS_PUBLIC_URL: 'https://api.example' });
    expect(await child.ended).toBe(1);
    expect(child.output().trim()).toBe(
      'unable to start; set VISAVIS_SECRET: the sample secret is for development on one machine only',
    );
  });

  test('with objects but no database folder begins anew', async () => {
    await rm(join(folder, 'database'), { recursive: true });
    await mkdir(join(folder, 'objects', 'public'), { recursive: true });
    await (await startServer({ dataDir: folder })).stop();
  });
});

test('the log names requests, and holds no token and no signature', async () => {
  const child = await runServer({ VISAVIS_LOG: 'debug' });
  const token = await signIn(child, 'u1');
  const uploads = await stage(child, token, await avatarAndThumb());
  await complete(child, token, uploads);
  await call(child, 'GET', `/api/users/u1/profile?token=${token}`, { token: `${token}x` });
  await listen(child, token);
  child.process.kill('SIGTERM');
  await child.ended;
  expect(child.output()).toContain('/api/users/me/avatar/complete');
  expect(child.output()).not.toContain(token.split('.')[2]);
  for (const { url } of uploads)
    expect(child.output()).not.toContain(new URL(url).searchParams.get('signature'));
});
