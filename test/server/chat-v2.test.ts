import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chatSocket, conversation, history, meet, type Person, persons } from './chat-support.ts';
import { type Json, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let zoe: Person;
let id: string;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas, zoe] = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
  id = await meet(maya, jonas);
});
afterAll(() => server.stop());

async function joined(person: Person) {
  const socket = await chatSocket(server, person);
  onTestFinished(() => void socket.socket.disconnect());
  expect(await socket.ask('chat:join', { conversationId: id })).toEqual({ ok: true });
  const say = (text: string, more: Json = {}) =>
    socket.socket.emit('chat:send', { tempId: text, conversationId: id, text, ...more });
  return { ...socket, say };
}

describe('A message in the later generation', () => {
  test('[WR6] is acknowledged by its tempId and reaches both generations', async () => {
    const [theirs, mine] = [await joined(maya), await joined(jonas)];
    const first = await chatSocket(server, maya);
    await first.ask('join_conversation', id);
    mine.say(' hi ', { clientNonce: 'nonce-1', attachments: [{ url: 'https://x.test/a.png' }] });
    const [{ tempId, message }] = await mine.wait('chat:ack');
    expect(tempId).toBe(' hi ');
    expect(message).toMatchObject({
      conversationId: id,
      senderId: 'u2',
      text: 'hi',
      attachments: [{ url: 'https://x.test/a.png', type: 'image' }],
      clientNonce: 'nonce-1',
      seq: 1,
    });
    expect(await theirs.wait('chat:new')).toEqual([{ message }]);
    expect(await mine.wait('chat:new')).toEqual([{ message }]);
    const [row] = await theirs.wait('conversations:upsert');
    expect(row).toMatchObject({
      id,
      other_user: { id: 'u2', name: 'Jonas Okafor' },
      last_message: { id: message.id },
      unread_count: 1,
    });
    const [old] = await first.wait('new_message');
    expect(old.message).toMatchObject({ id: message.id, content: 'hi', client_id: 'nonce-1' });
    await first.flush();
    expect(
      first.events.map(({ name }) => name).filter((name) => /^chat:|^conversations:/.test(name)),
    ).toEqual([]);
  });

  test('sent again under its nonce is one message, acknowledged twice and told once', async () => {
    const [theirs, mine] = [await joined(maya), await joined(jonas)];
    mine.say('once', { clientNonce: 'nonce-2' });
    mine.say('once', { clientNonce: 'nonce-2' });
    const [one, other] = await mine.wait('chat:ack', 2);
    expect(other.message).toEqual(one.message);
    await theirs.flush();
    expect(theirs.heard('chat:new')).toHaveLength(1);
    mine.say('other', { clientNonce: 'nonce-2' });
    expect(await mine.wait('chat:error')).toEqual([
      { message: expect.any(String), code: 'CLIENT_ID_CONFLICT', tempId: 'other' },
    ]);
    expect((await history(maya, id)).filter((row) => row.client_id === 'nonce-2')).toHaveLength(1);
  });

  test('[WR6] from the first generation and from REST comes as chat:new', async () => {
    const theirs = await joined(maya);
    await jonas.send(id, 'by rest');
    const first = await chatSocket(server, jonas);
    await first.ask('send_message', { conversationId: id, message: 'by socket' });
    expect((await theirs.wait('chat:new', 2)).map(({ message }) => message.text)).toEqual([
      'by rest',
      'by socket',
    ]);
  });
});

describe('A mark in the later generation', () => {
  test.each(['upToMessageId', 'messageIds'])('by %s moves the mark and is told to both', async (by) => {
    const [theirs, mine] = [await joined(maya), await joined(jonas)];
    const sent: Json[] = [];
    for (const text of ['one', 'two']) sent.push((await jonas.send(id, text)).body.message);
    const ids = sent.map((message) => message.id);
    const mark = by === 'messageIds' ? { messageIds: ids } : { upToMessageId: ids[1] };
    const answer = await theirs.ask('chat:read', { conversationId: id, ...mark });
    expect(answer).toEqual({ ok: true, read_seq: sent[1].seq, unread_count: 0 });
    const read = { conversationId: id, userId: 'u1', upToMessageId: ids[1], read_seq: sent[1].seq };
    expect(await mine.wait('chat:read')).toEqual([read]);
    expect((await theirs.wait('chat:read'))[0]).toEqual(read);
    await expect.poll(() => theirs.heard('conversations:upsert').at(-1)?.unread_count).toBe(0);
  });

  test('made in the first generation for a whole conversation names the last message', async () => {
    const mine = await joined(jonas);
    const { message } = (await jonas.send(id, 'last')).body;
    await maya.put(`/api/conversations/${id}/seen`);
    expect(await mine.wait('chat:read')).toEqual([
      { conversationId: id, userId: 'u1', upToMessageId: message.id, read_seq: message.seq },
    ]);
    expect((await conversation(jonas, id)).other_read_seq).toBe(message.seq);
  });
});

describe('The later generation', () => {
  test('hears of a new conversation as a whole row', async () => {
    const theirs = await joined(maya);
    const other = await meet(zoe, maya);
    const rows = await theirs.wait('conversations:upsert');
    expect(rows[0]).toMatchObject({
      id: other,
      other_user: { id: 'u3', name: 'Zoë Ångström' },
      last_message: null,
    });
    theirs.clear();
    await jonas.send(id, 'in the old one');
    await theirs.wait('conversations:upsert');
    await zoe.send(other, 'in the new one');
    const changed = () => new Set(theirs.heard('conversations:upsert').map((row) => row.id));
    await expect.poll(changed).toEqual(new Set([id, other]));
  });

  test('refuses what is not one’s own or not well formed, with a code and the tempId', async () => {
    const stranger = await chatSocket(server, zoe);
    const refusals: [name: string, payload: unknown, code: string][] = [
      ['chat:join', { conversationId: id }, 'FORBIDDEN'],
      ['chat:send', { tempId: 't', conversationId: id, text: 'hi' }, 'FORBIDDEN'],
      ['chat:read', { conversationId: id, upToMessageId: crypto.randomUUID() }, 'MESSAGE_NOT_FOUND'],
      ['chat:read', { conversationId: id, messageIds: [] }, 'INVALID_REQUEST'],
      ['chat:read', { conversationId: id }, 'INVALID_REQUEST'],
      ['chat:send', { tempId: 't', conversationId: id, text: ' ' }, 'INVALID_REQUEST'],
      ['chat:send', { tempId: 't', conversationId: id, text: 'x'.repeat(1001) }, 'INVALID_REQUEST'],
      ['chat:send', { tempId: 't', text: 'hi' }, 'INVALID_REQUEST'],
      [
        'chat:send',
        { tempId: 't', conversationId: id, attachments: ['javascript:alert(1)'] },
        'INVALID_REQUEST',
      ],
      ['chat:send', { tempId: 't', conversationId: id, attachments: ['/a', '/b'] }, 'INVALID_REQUEST'],
      ['chat:join', undefined, 'INVALID_REQUEST'],
    ];
    for (const [name, payload, code] of refusals) {
      stranger.clear();
      expect(await stranger.ask(name, payload), name).toMatchObject({ ok: false, code });
      const [error] = await stranger.wait('chat:error');
      expect(error, name).toMatchObject({ message: expect.any(String), code });
      expect(error.tempId).toBe(name === 'chat:send' ? 't' : undefined);
    }
    expect(stranger.heard('chat:new')).toEqual([]);
  });

  test('believes nobody who says who they are', async () => {
    const mine = await joined(jonas);
    mine.say('mine', { senderId: 'u1', userId: 'u1' });
    expect((await mine.wait('chat:ack'))[0].message.senderId).toBe('u2');
  });
});

test('A message of the later generation counts against the same allowance', async () => {
  const strict = await startServer({ limits: { messagesPer10s: 2 } });
  onTestFinished(() => strict.stop());
  const [zoe, majo] = (await persons(strict, 'u3', 'u8')) as [Person, Person];
  const conversationId = await meet(zoe, majo);
  const socket = await chatSocket(strict, zoe);
  const send = () => socket.ask('chat:send', { tempId: 't', conversationId, text: 'hi' });
  expect((await zoe.send(conversationId, 'by request')).status).toBe(201);
  expect(await send()).toMatchObject({ ok: true });
  expect(await send()).toMatchObject({ ok: false, code: 'RATE_LIMITED', retry_after_ms: expect.any(Number) });
});
