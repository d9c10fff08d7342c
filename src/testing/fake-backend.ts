import { systemClock } from '../lib/clock.ts';
import { createAnnounce } from './announce.ts';
import { createAvatarStore } from './avatar-store.ts';
import type { FakeBackend, FakeBackendOptions } from './backend-models.ts';
import { createChatStore, createConversation } from './chat-store.ts';
import { createConnect } from './connect.ts';
import { createFakeDevice } from './fake-device.ts';
import type { HttpAnswer, HttpRequest, HttpServer } from './fake-fetch.ts';
import { createFakePerson } from './fake-person.ts';
import type { SocketServer } from './fake-socket.ts';
import { createJournal } from './journal.ts';
import { createRandom } from './random.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Records } from './records.ts';
import { Refusal } from './refusal.ts';
import { createRest } from './rest-routes.ts';
import { createRooms } from './rooms.ts';
import { createCommands } from './socket-commands.ts';
import { createSyncLog } from './sync-log.ts';
import { createTokens } from './tokens.ts';
import { createWireRows } from './wire-rows.ts';
import { fieldsOf } from './wire-value.ts';

/**
 * Makes a backend in memory.
 *
 * @example
 * const backend = createFakeBackend({ users: [{ id: 'u1' }, { id: 'u2' }], conversations: [{ id: 'c1', members: ['u1', 'u2'] }] });
 * const client = createClient(backend.device('u1').options);
 * backend.person('u2').send('c1', 'hi');
 */
export function createFakeBackend(options: FakeBackendOptions): FakeBackend {
  const { clock = systemClock, random = createRandom(1), level = 2 } = options;
  const { heartbeatMs = 25_000, uploadSeconds = 300 } = options;
  const baseUrl = 'https://api.visavis.test';
  const storageUrl = 'https://storage.visavis.test';
  const now = () => clock.now();
  const records = createRecords(options, now());
  const syncLog = createSyncLog(options.syncKeep ?? 500);
  const journal = createJournal();
  const rooms = createRooms(now);
  const limits = createRateLimit(now);
  let issuedIds = 0;
  let devices = 0;
  let isDown = false;
  let cancelRestart = () => {};

  const nextId = () => {
    issuedIds += 1;
    return options.numericIds ? String(1000 + issuedIds) : random.uuid();
  };
  const tokens = createTokens({
    now,
    lifeMs: options.tokenMs ?? 3_600_000,
    refusedStatus: level === 2 ? 401 : 403,
  });
  const avatars = createAvatarStore({
    records,
    syncLog,
    now,
    random,
    uploadMs: uploadSeconds * 1000,
    keepsOrder: level === 2,
  });
  const chat = createChatStore({ records, syncLog, now, nextId, isIdempotent: level > 0 });
  const rows = createWireRows(
    {
      level,
      numericIds: options.numericIds ?? false,
      times: options.times ?? 'milliseconds',
      textField: options.textField ?? 'message',
      publicUrl: 'https://cdn.visavis.test',
    },
    records,
  );
  const announce = createAnnounce({ level, rooms, rows, now, listOf: chat.listOf });
  const quotas = {
    message: options.messageQuota ?? { count: level === 2 ? 20 : Number.POSITIVE_INFINITY, windowMs: 10_000 },
    upload: options.uploadQuota ?? { count: Number.POSITIVE_INFINITY, windowMs: 60_000 },
  };
  const limit = (kind: 'message' | 'upload', userId: string) => limits.take(kind, userId, quotas[kind]);
  const rest = createRest({
    level,
    routes: options.routes ?? 'both',
    records,
    chat,
    avatars,
    syncLog,
    rows,
    announce,
    limit,
    newMediaUrl: () => `https://cdn.visavis.test/media/${random.uuid()}`,
    putUrl: (key) => `${storageUrl}/${key}?signature=${random.uuid()}`,
    uploadSeconds,
  });
  const command = createCommands({ level, records, chat, rooms, rows, announce, now, limit });

  function crash(downMs = 1_000) {
    const dropped = [...rooms.members];
    isDown = true;
    rooms.clear();
    limits.clear();
    journal.notes.push({ at: now(), deviceId: null, text: `backend down for ${Math.round(downMs)} ms` });
    for (const { transport } of dropped) transport.end('transport close');
    cancelRestart();
    cancelRestart = clock.schedule(() => {
      isDown = false;
      journal.notes.push({ at: now(), deviceId: null, text: 'backend up' });
    }, downMs);
  }

  function handleRest({ method, url, token, body }: HttpRequest): HttpAnswer {
    try {
      const { userId } = tokens.verify(token);
      const reply = rest(method, url.pathname, { userId, query: url.searchParams, body: fieldsOf(body) });
      if (!reply) throw new Refusal(404, 'NOT_FOUND', 'unable to answer; there is nothing at this address');
      return json(reply.status ?? 200, reply.body, {}, reply.announce);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, headers } = error;
      const plain = { error: message };
      const body = level === 2 ? { success: false, ...plain, code, message } : plain;
      return json(status, body, headers);
    }
  }

  function handleStorage({ method, url, body }: HttpRequest): HttpAnswer {
    try {
      const { size, type } = fieldsOf(body);
      if (method !== 'PUT' || typeof size !== 'number' || typeof type !== 'string') {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to store');
      }
      avatars.put(url.pathname.slice(1), { size, type });
      return { status: 200, headers: {}, body: '', announce() {} };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, headers: {}, body: error.code, announce() {} };
    }
  }

  const server: HttpServer & SocketServer = {
    get isDown() {
      return isDown;
    },
    crash,
    isStorage: (url) => url.origin === storageUrl,
    handle: (request) => (request.url.origin === storageUrl ? handleStorage : handleRest)(request),
    connect: createConnect({
      level,
      heartbeatMs,
      mostSockets: options.socketsPerUser ?? 10,
      clock,
      tokens,
      rooms,
      announce,
      chat,
      command,
    }),
  };

  return {
    baseUrl,
    storageUrl,
    level,
    journal,
    truth: { ...records, broadcasts: rooms.broadcasts, connected: rooms.members },
    get isDown() {
      return isDown;
    },
    device(userId, deviceId = `device-${devices + 1}`) {
      devices += 1;
      return createFakeDevice({
        baseUrl,
        deviceId,
        userId,
        clock,
        random: random.fork(),
        server,
        journal,
        tokens,
        pingIntervalMs: options.pingIntervalMs ?? 25_000,
        pingTimeoutMs: options.pingTimeoutMs ?? 20_000,
      });
    },
    announce: (room, name, payload) => rooms.send([room], name, { ...payload }),
    person: (userId) => createFakePerson({ userId, rest, command, putPicture: avatars.put }),
    crash,
    token: tokens.issue,
    revokeTokens: tokens.revoke,
  };
}

function createRecords({ users, conversations = [] }: FakeBackendOptions, at: number): Records {
  return {
    users: new Map(
      users.map(({ id, name = `User ${id}`, role = 'influencer' }) => [
        id,
        {
          id,
          name,
          role,
          avatarKey: null,
          thumbKey: null,
          avatarVersion: 0,
          avatarStart: 0,
          lastStart: 0,
          updatedAt: at,
        },
      ]),
    ),
    conversations: new Map(
      conversations.map(({ id, members, type = 'direct' }) => [
        id,
        createConversation(id, members, type, at),
      ]),
    ),
    messages: new Map(),
    pictures: new Map(),
    media: new Map(),
  };
}

function json(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
  announce: () => void = () => {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    announce,
  };
}
