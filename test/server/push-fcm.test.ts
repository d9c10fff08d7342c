import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFcmSender } from '../../examples/server/src/push/fcm-sender.ts';
import type { PushNote, PushSender } from '../../examples/server/src/push/push.ts';
import { readServiceAccount } from '../../examples/server/src/push/service-account.ts';
import { type FcmReply, FcmStandIn, refusal } from '../support/fcm-stand-in.ts';
import { meet, type Person, persons, request } from './chat-support.ts';
import { startServer } from './support.ts';

let fcm: FcmStandIn;
let waits: number[];
let reports: string[];
let now: number;
let sender: PushSender;
beforeEach(async () => {
  fcm = new FcmStandIn();
  await fcm.start();
  waits = [];
  reports = [];
  now = 1_800_000_000_000;
  sender = createFcmSender({
    account: fcm.account,
    fetch: fcm.fetch,
    report: (error) => reports.push(String(error)),
    clock: () => now,
    random: () => 0.5,
    // Time goes by at once, so that no test waits.
    wait: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
});
afterEach(() => fcm.stop());

const note = (more: Partial<PushNote> = {}): PushNote => ({
  userId: 'u1',
  type: 'message',
  title: 'Jonas Okafor',
  body: 'are you there?',
  conversationId: 'c1',
  messageId: 'm1',
  ...more,
});

const unregistered = refusal(404, 'NOT_FOUND', 'UNREGISTERED');

describe('a note for FCM', () => {
  test('[PN1] is one request for each token, in the form of HTTP v1, under one access token', async () => {
    expect(await sender.send(['phone', 'tablet'], note())).toEqual({ dead: [] });
    expect(await sender.send(['phone'], note({ messageId: null }))).toEqual({ dead: [] });
    expect(fcm.complaints).toEqual([]);
    expect(fcm.sentTo('tablet')).toEqual([
      {
        token: 'tablet',
        notification: { title: 'Jonas Okafor', body: 'are you there?' },
        data: { type: 'message', conversation_id: 'c1', message_id: 'm1' },
        android: { priority: 'HIGH' },
        apns: {
          headers: { 'apns-priority': '10' },
          payload: { aps: { sound: 'default', 'thread-id': 'c1' } },
        },
        webpush: { headers: { Urgency: 'high' } },
      },
    ]);
    expect(fcm.sentTo('phone').map((message) => message.data)).toEqual([
      { type: 'message', conversation_id: 'c1', message_id: 'm1' },
      { type: 'message', conversation_id: 'c1' },
    ]);
    expect(fcm.signIns).toBe(1);
    expect(reports).toEqual([]);
  });

  test('is cut to what FCM takes, between characters', async () => {
    await sender.send(['phone'], note({ body: '👩🏽‍🚀'.repeat(500), title: '李'.repeat(300) }));
    await sender.send(['phone'], note({ body: `a${'\u0301'.repeat(3000)}` }));
    expect(fcm.complaints).toEqual([]);
    const [first, second] = fcm.sentTo('phone').map((message) => message.notification);
    expect(first?.body).toMatch(/^(👩🏽‍🚀)+…$/u);
    expect(first?.title).toMatch(/^李{65}…$/u);
    expect(second?.body).toBe('…');
  });

  test('to many tokens keeps to twenty requests at once', async () => {
    await sender.send(['first'], note());
    const release = fcm.hold();
    const tokens = Array.from({ length: 100 }, (_, index) => `device-${index}`);
    const sent = sender.send(tokens, note());
    await expect.poll(() => fcm.busy).toBe(20);
    expect(fcm.messages).toHaveLength(21);
    release();
    await sent;
    expect(fcm.messages).toHaveLength(101);
  });
});

describe('a token', () => {
  test.each<[string, FcmReply]>([
    ['is not registered any more', unregistered],
    ['is of another project', refusal(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH')],
    [
      'is none',
      {
        status: 400,
        body: {
          error: {
            status: 'INVALID_ARGUMENT',
            details: [
              {
                '@type': 'type.googleapis.com/google.rpc.BadRequest',
                fieldViolations: [{ field: 'message.token' }],
              },
            ],
          },
        },
      },
    ],
  ])('[PN2] that %s is dead, and the others are not', async (_, reply) => {
    fcm.replies.set('old', [reply]);
    expect(await sender.send(['old', 'new'], note())).toEqual({ dead: ['old'] });
    expect(waits).toEqual([]);
    expect(reports).toEqual([]);
  });

  test.each<[string, FcmReply]>([
    ['a 404 that is not about it', refusal(404, 'NOT_FOUND')],
    ['a page that says 404', { status: 404, body: '<title>Not Found</title>' }],
    ['a 400 that is about the note', refusal(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT')],
    ['a 403 of a wrong account', refusal(403, 'PERMISSION_DENIED')],
  ])('[PN2] outlives %s, which is reported', async (_, reply) => {
    fcm.replies.set('phone', [reply]);
    expect(await sender.send(['phone'], note())).toEqual({ dead: [] });
    expect(reports).toEqual([expect.stringContaining(`HTTP ${reply.status}`)]);
    expect(fcm.sentTo('phone')).toHaveLength(1);
  });
});

describe('FCM', () => {
  test.each<[string, Record<string, string>, number]>([
    ['for seconds', { 'Retry-After': '7' }, 7_000],
    ['until a date', { 'Retry-After': new Date(1_800_000_030_000).toUTCString() }, 30_000],
    ['without a word', {}, 60_000],
    ['for a year', { 'Retry-After': '31536000' }, 300_000],
    ['in nonsense', { 'Retry-After': 'soon' }, 60_000],
  ])('[PN3] that is over its quota is left alone %s, then gets the note', async (_, headers, held) => {
    fcm.replies.set('phone', [{ ...refusal(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'), headers }]);
    expect(await sender.send(['phone'], note())).toEqual({ dead: [] });
    expect(waits).toEqual([held]);
    expect(fcm.sentTo('phone')).toHaveLength(2);
  });

  test('that asks for patience is left alone by notes for others as well', async () => {
    const reply = {
      ...refusal(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'),
      headers: { 'Retry-After': '9' },
    };
    fcm.replies.set('phone', [reply]);
    const first = sender.send(['phone'], note());
    await expect.poll(() => waits).toEqual([9_000]);
    now -= 9_000;
    await sender.send(['tablet'], note());
    await first;
    expect(waits[1]).toBe(9_000);
  });

  test('[PN3] that fails is asked again, later each time, and then let be', async () => {
    fcm.replies.set('phone', [refusal(500, 'INTERNAL', 'INTERNAL'), { status: 502, body: '<h1>502</h1>' }]);
    expect(await sender.send(['phone'], note())).toEqual({ dead: [] });
    expect(waits).toEqual([750, 1500]);
    expect(reports).toEqual([]);

    fcm.replies.set('tablet', Array(9).fill(refusal(503, 'UNAVAILABLE', 'UNAVAILABLE')));
    expect(await sender.send(['tablet'], note())).toEqual({ dead: [] });
    expect(fcm.sentTo('tablet')).toHaveLength(5);
    expect(reports).toEqual([expect.stringContaining('HTTP 503 UNAVAILABLE')]);
  });

  test('that cannot be reached is asked again, and then let be', async () => {
    const { fetch } = fcm;
    let calls = 0;
    const cut = createFcmSender({
      account: fcm.account,
      fetch: (input, init) => {
        calls += 1;
        return calls < 3 && String(input).includes('fcm.')
          ? Promise.reject(new TypeError('cut'))
          : fetch(input, init);
      },
      report: (error) => reports.push(String(error)),
      wait: async () => {},
    });
    expect(await cut.send(['phone'], note())).toEqual({ dead: [] });
    expect(fcm.sentTo('phone')).toHaveLength(1);
    expect(reports).toEqual([]);
  });

  test('that does not take the access token any more gets a new one', async () => {
    await sender.send(['phone'], note());
    fcm.forgetSignIns();
    expect(await sender.send(['phone'], note())).toEqual({ dead: [] });
    expect(fcm.signIns).toBe(2);
    expect(fcm.sentTo('phone')).toHaveLength(2);
  });

  test('is forgotten when the server closes: nothing waits for a phone', async () => {
    const patient = createFcmSender({
      account: fcm.account,
      fetch: fcm.fetch,
      report: (error) => reports.push(String(error)),
    });
    fcm.replies.set('phone', Array(9).fill(refusal(500, 'INTERNAL', 'INTERNAL')));
    const sent = patient.send(['phone'], note());
    await expect.poll(() => fcm.messages.length).toBe(1);
    patient.close?.();
    expect(await sent).toEqual({ dead: [] });
    expect(reports).toEqual([]);
  });

  test('is not told of in reports: they hold no token, no text and no signature', async () => {
    fcm.replies.set('device-canary', Array(9).fill(refusal(500, 'INTERNAL', 'INTERNAL')));
    await sender.send(['device-canary'], note({ body: 'text-canary' }));
    const stranger = { ...fcm.account, email: 'stranger@example.com' };
    const refused = createFcmSender({
      account: stranger,
      fetch: fcm.fetch,
      report: (error) => reports.push(String(error), JSON.stringify(error)),
      wait: async () => {},
    });
    await refused.send(['device-canary'], note({ body: 'text-canary' }));
    expect(reports.length).toBeGreaterThanOrEqual(2);
    expect(reports.join()).not.toMatch(/canary|eyJ|PRIVATE/);
  });
});

describe('with a server', () => {
  const of = (userId: string) => fcm.sentTo(`phone-of-${userId}`);

  async function open(pushText = true): Promise<[Person, Person, () => Promise<void>]> {
    const server = await startServer({ pushSender: sender, pushText });
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    for (const one of [maya, jonas]) {
      await one.post('/api/fcm/register', { token: `phone-of-${one.id}`, device_type: 'android' });
    }
    return [maya, jonas, server.stop];
  }

  test('[PN4] every state of a request reaches the phone of whoever it awaits, or of the other', async () => {
    const [maya, jonas, stop] = await open();
    const { id } = await request(jonas, maya);
    const steps: [Person, string, string[]][] = [
      [maya, 'negotiating', ['u2']],
      [jonas, 'negotiating', ['u1']],
      [maya, 'accepted', ['u1', 'u2']],
      [maya, 'work_submitted', ['u2']],
      [jonas, 'revision_requested', ['u1']],
      [maya, 'work_submitted', ['u2']],
      [jonas, 'approved', ['u1', 'u2']],
      [jonas, 'completed', ['u1']],
    ];
    await expect
      .poll(() => of('u1').map((message) => message.notification))
      .toEqual([{ title: 'Bid', body: 'You have a new connection request' }]);
    for (const [one, flow_state, told] of steps) {
      fcm.messages.length = 0;
      await one.post(`/api/conversations/${id}/state`, { flow_state });
      await expect
        .poll(() => fcm.messages.map((message) => message.token).sort(), { message: flow_state })
        .toEqual(told.map((userId) => `phone-of-${userId}`));
      expect(fcm.messages[0]?.data).toEqual({ type: 'bid_update', conversation_id: id });
    }
    expect(fcm.complaints).toEqual([]);
    await stop();
  });

  test('a dead token is forgotten, and comes back by registering again', async () => {
    const [maya, jonas, stop] = await open();
    const id = await meet(maya, jonas);
    fcm.replies.set('phone-of-u1', [unregistered]);
    await jonas.send(id, 'one');
    await expect.poll(() => of('u1')).toHaveLength(1);
    await jonas.send(id, 'two');
    await maya.send(id, 'three');
    await expect.poll(() => of('u2')).toHaveLength(1);
    expect(of('u1')).toHaveLength(1);
    await maya.post('/api/fcm/register', { token: 'phone-of-u1', device_type: 'android' });
    await jonas.send(id, 'four');
    await expect.poll(() => of('u1').at(-1)?.notification.body).toBe('four');
    await stop();
  });

  test('a user has twenty tokens at most, those that were registered last', async () => {
    const [maya, jonas, stop] = await open();
    const register = (token: string) => maya.post('/api/fcm/register', { token, device_type: 'web' });
    for (let at = 1; at <= 22; at += 1) await register(`phone-${String(at).padStart(2, '0')}`);
    await register('phone-03');
    await jonas.send(await meet(maya, jonas), 'hi');
    await expect.poll(() => fcm.messages.length).toBe(20);
    const told = fcm.messages.map((message) => message.token).sort();
    expect(told.slice(0, 2)).toEqual(['phone-03', 'phone-04']);
    expect(told.at(-1)).toBe('phone-22');
    await stop();
  });

  test('[PN5] no word of a message leaves the house when it is set so', async () => {
    const [maya, jonas, stop] = await open(false);
    const id = await meet(maya, jonas);
    const { body } = await jonas.send(id, 'text-canary');
    await expect.poll(() => of('u1')).toHaveLength(1);
    expect(JSON.stringify(fcm.messages)).not.toContain('canary');
    expect(of('u1')[0]).toMatchObject({
      notification: { title: 'Jonas Okafor', body: 'You have a new message' },
      data: { conversation_id: id, message_id: body.message.id },
    });
    await stop();
  });
});

describe('the service account', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'visavis-account-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const file = async (content: unknown): Promise<string> => {
    const path = join(folder, 'account.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const good = () => ({
    type: 'service_account',
    project_id: fcm.account.projectId,
    client_email: fcm.account.email,
    private_key: fcm.account.privateKey,
  });

  test('is read from the file of the Firebase console', async () => {
    expect(await readServiceAccount(await file(good()))).toEqual(fcm.account);
  });

  test.each<[string, () => unknown, string]>([
    ['text', () => 'hello', 'JSON'],
    ['a list', () => [], 'JSON'],
    ['the keys of an app', () => ({ apiKey: 'secret-canary', projectId: 'x' }), 'project_id'],
    ['a key that is none', () => ({ ...good(), private_key: 'secret-canary' }), 'private_key'],
  ])('that is %s is refused with what is wrong, and without its content', async (_, content, wrong) => {
    const error: Error = await readServiceAccount(await file(content())).catch((thrown) => thrown);
    expect(error.message).toContain('FCM_SERVICE_ACCOUNT');
    expect(error.message).toContain(wrong);
    expect(error.message).not.toContain('canary');
  });

  test('that is not there is refused', async () => {
    await expect(startServer({ pushAccount: join(folder, 'nowhere.json') })).rejects.toThrow(
      'there is no file',
    );
  });
});
