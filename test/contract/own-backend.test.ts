import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { presigned } from '../../src/index.ts';
import { colouredFile, look } from '../support/sharp-encoder.ts';
import { type Backend, goLive, join as joinBackend, patience, watch } from './support.ts';

const root = resolve(import.meta.dirname, '../..');

/** The server of docs/own-backend.md, as it stands there. */
async function ownBackend(): Promise<Backend> {
  const [, code = ''] =
    /^```js\n(.*?)^```/ms.exec(readFileSync(join(root, 'docs/own-backend.md'), 'utf8')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'visavis-own-'));
  writeFileSync(join(folder, 'server.mjs'), code);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { name: 'own', url, me: 'u1', other: 'u2', token: async (userId) => userId };
}

test('[CT4] the server of the guide shows pictures and messages live', async () => {
  const backend = await ownBackend();
  const me = await joinBackend(backend, 'u1', { preset: presigned });
  const other = await joinBackend(backend, 'u2', { preset: presigned });
  await Promise.all([goLive(me), goLive(other)]);
  const shown = watch(other, 'u1');
  await expect.poll(() => shown().name, patience).toBe('Maya');

  await me.client.avatar.upload(await colouredFile());
  await expect.poll(() => shown().avatar?.url, patience).toBeDefined();
  expect((await look(shown().avatar?.url ?? '')).width).toBe(256);
  await me.client.avatar.delete();
  await expect.poll(() => shown().avatar, patience).toBeNull();

  const [mine, theirs] = [me, other].map(({ client }) => {
    const thread = client.messages.live('c1');
    onTestFinished(thread.subscribe(() => {}));
    return () =>
      thread
        .getSnapshot()
        .items.map((item) => (item.kind === 'message' ? [item.text, item.status] : item.kind));
  });
  await me.client.messages.send('c1', { text: 'hello' });
  await expect.poll(() => theirs?.(), patience).toEqual([['hello', 'sent']]);
  other.client.messages.markSeen('c1');
  await expect.poll(() => mine?.(), patience).toEqual([['hello', 'seen']]);

  const inbox = me.client.conversations.live();
  onTestFinished(inbox.subscribe(() => {}));
  await expect.poll(() => inbox.getSnapshot().items[0]?.otherUser?.name, patience).toBe('Jonas');
  other.client.realtime.keystroke('c1');
  await expect.poll(() => me.client.messages.live('c1').getSnapshot().typing.length, patience).toBe(1);
  expect(me.client.capabilities).toMatchObject({ level: 1, clientId: true, seq: false });
});

test('[CT4] the server of the guide keeps one row of a message that is sent twice', async () => {
  const { url } = await ownBackend();
  const send = async () => {
    const response = await fetch(`${url}/api/messages/send`, {
      method: 'POST',
      headers: { authorization: 'Bearer u1' },
      body: JSON.stringify({ conversation_id: 'c1', message: 'once', client_id: 'a' }),
    });
    return (await response.json()).message.id;
  };
  expect(await send()).toBe(await send());
});
