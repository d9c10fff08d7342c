import { type Clock, systemClock } from '../lib/clock.ts';
import { type Announce, createAnnounce } from './announce.ts';
import { createAvatarStore } from './avatar-store.ts';
import { type ChatStore, createChatStore, createConversation } from './chat-store.ts';
import { createFakeDevice, type FakeDevice } from './fake-device.ts';
import type { HttpAnswer, HttpRequest, HttpServer } from './fake-fetch.ts';
import { createFakePerson, type FakePerson } from './fake-person.ts';
import type { SocketServer } from './fake-socket.ts';
import { createJournal, type Journal } from './journal.ts';
import { createRandom, type SeededRandom } from './random.ts';
import { createRateLimit, type Quota } from './rate-limit.ts';
import type { ConversationRecord, MessageRecord, Records, UserRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import { createRest } from './rest-routes.ts';
import { type Broadcast, createRooms, type Member, roomOf } from './rooms.ts';
import { createCommands } from './socket-commands.ts';
import { createSyncLog } from './sync-log.ts';
import { createTokens } from './tokens.ts';
import { createWireRows, type WireLevel, type WireStyle } from './wire-rows.ts';
import { fieldsOf } from './wire-value.ts';

/** Options of {@link createFakeBackend}. */
export interface FakeBackendOptions {
  /** Default: real time. {@link createVirtualClock} makes a test of minutes take milliseconds. */
  readonly clock?: Clock;
  /** Where every fault and id is drawn from. Default: a generator with the seed 1. */
  readonly random?: SeededRandom;
  /** 0 the plain wire · 1 idempotent sends and acks too · 2 everything. Default 2. */
  readonly level?: WireLevel;
  readonly users: readonly { readonly id: string; readonly name?: string; readonly role?: string }[];
  readonly conversations?: readonly {
    readonly id: string;
    readonly members: readonly [string, string];
    readonly type?: string;
  }[];
  /** Milliseconds between two `sync_state` of a conversation room; `false` for none. Default 25,000; level 2 only. */
  readonly heartbeatMs?: number | false;
  /** Numbers for ids of digits, as some databases have. */
  readonly numericIds?: boolean;
  readonly times?: WireStyle['times'];
  readonly textField?: WireStyle['textField'];
  /** Which paths of the plain wire are there. Default `both`. */
  readonly routes?: 'document' | 'running' | 'both';
  readonly messageQuota?: Quota;
  readonly uploadQuota?: Quota;
  readonly socketsPerUser?: number;
  /** Life of a token, in milliseconds. Default an hour. */
  readonly tokenMs?: number;
  /** Life of a presigned address, in seconds. Default 300. */
  readonly uploadSeconds?: number;
  /** How many changes per user `/api/sync` remembers. Default 500. */
  readonly syncKeep?: number;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

/** What is true, for assertions. */
export interface Truth {
  readonly users: ReadonlyMap<string, Readonly<UserRecord>>;
  /** Rows by `seq`, and each member's mark. */
  readonly conversations: ReadonlyMap<string, ConversationRecord>;
  readonly messages: ReadonlyMap<string, MessageRecord>;
  /** Per user: the key of every picture ever shown by its version, `null` for a delete. */
  readonly pictures: Records['pictures'];
  readonly media: Records['media'];
  readonly broadcasts: readonly Broadcast[];
  /** Devices with an open connection, as the backend sees it. */
  readonly connected: ReadonlySet<Member>;
}

/** A backend in memory that clients reach by `fetch` and `socket` of a device. */
export interface FakeBackend {
  readonly baseUrl: string;
  readonly storageUrl: string;
  readonly level: WireLevel;
  readonly truth: Truth;
  readonly journal: Journal;
  readonly isDown: boolean;
  /** A device with a line of its own, signed in as `userId`; its `options` go into `createClient`. */
  device(userId: string, deviceId?: string): FakeDevice;
  /** Somebody who acts on the backend itself, past every line. */
  person(userId: string): FakePerson;
  /** Tells everybody in a room (`bid_7`, `user_u1`, …) of something, by an event of any name. */
  announce(room: string, name: string, payload: object): void;
  /** Goes down for `downMs`: connections drop, rooms and limits are forgotten, rows are kept. */
  crash(downMs?: number): void;
  token(userId: string, lifeMs?: number): string;
  revokeTokens(userId: string): void;
}

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
    connect(token, deviceId, transport) {
      const { userId, expiresAt } = verified();
      if (countOf(userId) >= (options.socketsPerUser ?? 10)) {
        throw new Refusal(403, 'TOO_MANY_SOCKETS', 'too many sockets');
      }
      const member: Member = { userId, deviceId, token: token ?? '', rooms: new Set(), transport };
      if (level === 2) member.rooms.add(roomOf.user(userId));
      const isFirst = !rooms.isOnline(userId);
      rooms.add(member);
      if (isFirst && level === 2) announce.presence(userId, 'online');
      // The plain wire looks at a token once only.
      const cancelExpiry = level === 2 ? clock.schedule(() => end(true), expiresAt - now()) : () => {};
      let cancelBeat = beat();

      function beat(): () => void {
        if (heartbeatMs === false || level !== 2) return () => {};
        return clock.schedule(() => {
          if (!rooms.members.has(member)) return;
          tellStates(member, announce, chat);
          cancelBeat = beat();
        }, heartbeatMs);
      }

      function end(isKick: boolean) {
        cancelExpiry();
        cancelBeat();
        if (!rooms.members.has(member)) return;
        rooms.remove(member);
        if (isKick) transport.end('io server disconnect');
        if (level < 2 || !rooms.isOnline(userId)) announce.presence(userId, 'offline');
      }

      return {
        receive(name, args) {
          if (!rooms.members.has(member)) return { ack: undefined, announce() {} };
          return command(member, name, args[0]);
        },
        lost: () => end(false),
      };

      function verified() {
        try {
          return tokens.verify(token);
        } catch (cause) {
          throw new Refusal(401, 'UNAUTHORIZED', cause instanceof Refusal ? cause.message : 'unauthorized');
        }
      }
    },
  };

  const countOf = (userId: string) => [...rooms.members].filter((member) => member.userId === userId).length;

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

/** Connected is not receiving: what the rooms' newest is, in case a frame got lost. */
function tellStates(member: Member, announce: Announce, chat: ChatStore) {
  for (const conversation of chat.listOf(member.userId)) {
    if (member.rooms.has(roomOf.conversation(conversation.id))) announce.syncState(conversation, member);
  }
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
