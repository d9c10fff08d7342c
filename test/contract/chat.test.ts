import { describe, expect, onTestFinished, test } from 'vitest';
import { chat, chatV2, definePreset, runningRoutes } from '../../src/index.ts';
import { startChat } from '../support/literal/chat.ts';
import { startChatV2 } from '../support/literal/chat-v2.ts';
import {
  type ChatBackend,
  literalChat,
  messagesOf,
  pair,
  quiet,
  referenceChat,
  say,
  sit,
  stored,
  texts,
} from './chat-support.ts';
import { expired, goLive, patience } from './support.ts';

const running = definePreset({ extends: chat, routes: runningRoutes });
/** Hears of messages, rows and marks by the events of the later generation alone. */
const strictV2 = definePreset({
  extends: chatV2,
  events: {
    new_message: null,
    conversation_list_updated: null,
    unread_count_updated: null,
    message_seen: null,
    messages_seen: null,
    message_seen_update: null,
    messages_seen_update: null,
    notification: null,
  },
});

const onReference = referenceChat();
const documented = { routes: 'documented', saved: 'message' } as const;

/** What holds whichever generation, level and quirks a backend has. */
const targets: [name: string, start: () => Promise<ChatBackend>][] = [
  ['chat, on the literal server', async () => literalChat(await startChat(), running)],
  [
    'chat, on the literal server by documented routes',
    async () => literalChat(await startChat(documented), chat),
  ],
  ['chat, on the reference server', () => onReference(chat)],
  ['chat, on the reference server by running routes', () => onReference(running)],
  ['chatV2, on the literal server', async () => literalChat(await startChatV2(), chatV2)],
  [
    'chatV2, on the literal server with rows of its tables',
    async () => literalChat(await startChatV2({ rows: 'columns' }), chatV2),
  ],
  ['chatV2, on the reference server', () => onReference(chatV2)],
  ['chatV2, on the reference server by its own events alone', () => onReference(strictV2)],
];

describe.each(targets)('%s', (_, start) => {
  test('[CH1] messages go both ways, each shown once, in order, under one key', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    const [mine, theirs] = [await me.open(), await other.open()];
    const told: string[] = [];
    other.client.realtime.on('message', ({ text }) => told.push(text));
    const { key } = await me.client.messages.send(backend.conversationId, { text: 'one' });
    await expect.poll(() => texts(theirs), patience).toEqual(['one']);
    await say(other, backend, 'two', 'three');
    await say(me, backend, 'three', 'four');
    const all = ['one', 'two', 'three', 'three', 'four'];
    await expect.poll(() => [texts(mine), texts(theirs)], patience).toEqual([all, all]);
    await quiet();
    expect([texts(mine), texts(theirs)]).toEqual([all, all]);
    expect(messagesOf(mine)[0]).toMatchObject({ key, isOwn: true, sender: { id: backend.me } });
    expect(messagesOf(mine).map(({ isOwn }) => isOwn)).toEqual([true, false, false, true, true]);
    expect(new Set(messagesOf(mine).map((item) => item.key)).size).toBe(5);
    expect(told).toEqual(all);
    expect(await stored(backend)).toEqual(all);
  });

  test('[CH2] what is unread is counted once, whatever is told of it, and without opening the conversation', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    await other.open();
    const counts: number[] = [];
    me.client.realtime.on('unread', ({ unread }) => counts.push(unread));
    await say(other, backend, 'one', 'two', 'three');
    await expect.poll(() => me.row()?.unread, patience).toBe(3);
    await quiet();
    expect(me.row()).toMatchObject({ unread: 3, lastMessage: { text: 'three', isOwn: false } });
    expect(other.row()?.unread).toBe(0);
    expect(counts.every((count, i) => count >= (counts[i - 1] ?? 0) && count <= 3)).toBe(true);
    // Reading the messages would mark them as seen on running backends.
    expect(me.requests.filter((request) => /\/messages\?/.test(request))).toEqual([]);
  });

  test('[CH3] a mark shows here at once, reaches the other side, and stays', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    const theirs = await other.open();
    await say(other, backend, 'one', 'two');
    await expect.poll(() => me.row()?.unread, patience).toBe(2);
    const mine = await me.open();
    await expect.poll(() => texts(mine), patience).toEqual(['one', 'two']);
    me.client.messages.markSeen(backend.conversationId);
    expect([mine.getSnapshot().unread, me.row()?.unread]).toEqual([0, 0]);
    const statuses = () => messagesOf(theirs).map(({ status }) => status);
    await expect.poll(statuses, patience).toEqual(['seen', 'seen']);
    await say(other, backend, 'three');
    await expect.poll(() => me.row()?.unread, patience).toBe(1);
    await quiet();
    expect([me.row()?.unread, ...statuses()]).toEqual([1, 'seen', 'seen', 'sent']);
  });

  test('[CH4] typing shows at the other side, and ends with the message', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    const mine = await me.open();
    await other.open();
    other.client.realtime.keystroke(backend.conversationId);
    const typists = () => mine.getSnapshot().typing.map(({ id }) => id);
    if (backend.chat.name === 'chatV2' && backend.name === 'literal') {
      // Nothing is said of typing there: it is told and not heard.
      await quiet();
      expect(typists()).toEqual([]);
    } else await expect.poll(typists, patience).toEqual([backend.other]);
    await say(other, backend, 'done');
    await expect.poll(() => texts(mine), patience).toEqual(['done']);
    expect(typists()).toEqual([]);
  });

  test('[CH5] a long history is read to its start, whatever total the pages name', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    await other.open();
    const all = Array.from({ length: 60 }, (_, i) => `message ${i}`);
    await say(other, backend, ...all);
    const mine = await me.open();
    expect(texts(mine)).toEqual(all.slice(-50));
    expect(mine.getSnapshot().hasOlder).toBe(true);
    await mine.loadOlder();
    expect(texts(mine)).toEqual(all);
    expect(mine.getSnapshot().hasOlder).toBe(false);
  });

  test('[CH6] what was missed is there after an outage, once and in order', async () => {
    const backend = await start();
    const [me, other] = await pair(backend);
    const mine = await me.open();
    await other.open();
    await say(other, backend, 'before');
    await expect.poll(() => texts(mine), patience).toEqual(['before']);
    me.client.realtime.disconnect();
    await say(other, backend, 'missed one', 'missed two');
    await goLive(me);
    const missed = ['before', 'missed one', 'missed two'];
    await expect.poll(() => texts(mine), patience).toEqual(missed);
    me.client.realtime.disconnect();
    await say(other, backend, 'missed three');
    await me.client.messages.send(backend.conversationId, { text: 'written offline' });
    await goLive(me);
    const all = [...missed, 'missed three', 'written offline'];
    await expect.poll(() => texts(mine).toSorted(), patience).toEqual(all.toSorted());
    await quiet();
    expect(texts(mine)).toEqual(await stored(backend));
  });

  test('[CH7] a message whose answer is lost exists once, and so does its twin', async () => {
    const backend = await start();
    const lost: string[] = [];
    const me = await sit(backend, backend.me, {
      async fetch(input, init) {
        const response = await fetch(input, init);
        if (init?.method !== 'POST' || lost.length > 0) return response;
        lost.push(String(input));
        throw new TypeError('the answer is lost');
      },
    });
    const mine = await me.open();
    await say(me, backend, 'twin', 'twin');
    expect(lost).toHaveLength(1);
    expect(messagesOf(mine).map(({ status }) => status)).toEqual(['sent', 'sent']);
    expect(await stored(backend)).toEqual(['twin', 'twin']);
  });

  test('[PS1] a token that is refused as expired is replaced once, on the socket too', async () => {
    const backend = await start();
    const { getToken, refreshes } = await expired(backend);
    const me = await sit(backend, backend.me, { getToken });
    await goLive(me);
    await me.open();
    await say(me, backend, 'still here');
    expect(refreshes()).toBe(1);
    expect(await stored(backend)).toEqual(['still here']);
  });

  test('[CH8] what can never be sent is refused here; what the backend refuses is failed and can be dropped', async () => {
    const backend = await start();
    const me = await sit(backend, backend.me);
    const mine = await me.open();
    const { messages } = me.client;
    await expect(messages.send(backend.conversationId, { text: 'x'.repeat(1001) })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
    await expect(messages.send(backend.conversationId, { text: ' ' })).rejects.toBeInstanceOf(TypeError);
    const nowhere = messages.live(backend.me === '1' ? '999' : 'nowhere');
    onTestFinished(nowhere.subscribe(() => {}));
    await expect.poll(() => nowhere.getSnapshot().status, patience).toBe('missing');
    const { clientId } = await messages.send(nowhere.getSnapshot().conversationId, {
      text: 'hello?',
      receiverId: backend.other,
    });
    await expect.poll(() => messagesOf(nowhere)[0]?.status, patience).toBe('failed');
    expect(messages.discard(clientId ?? '')).toBe(true);
    expect([texts(nowhere), texts(mine)]).toEqual([[], []]);
  });

  test('[PU2] another push token takes the place of the one before', async () => {
    const backend = await start();
    const { client } = await sit(backend, backend.me);
    await client.push.register('token-1', { deviceType: 'web', deviceId: 'laptop' });
    await client.push.register('token-2', { deviceType: 'web', deviceId: 'laptop' });
    await client.push.register('token-3', { deviceType: 'web' });
    await client.push.unregister('token-3');
    await client.push.unregister('token-3');
  });
});
