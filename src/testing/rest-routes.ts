import type { Announce } from './announce.ts';
import type { AvatarStore, PublishedAvatar } from './avatar-store.ts';
import { type ChatStore, seenState } from './chat-store.ts';
import { type ConversationRecord, partnerOf, type Records, type UserRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import type { SyncLog } from './sync-log.ts';
import type { WireLevel, WireRows } from './wire-rows.ts';
import { countOf, fieldsOf, idOf, textOf, type WirePayload } from './wire-value.ts';

/** A request with its caller known. */
export interface Call {
  readonly userId: string;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status?: number;
  readonly body: WirePayload;
  announce?(): void;
}

export interface RestSettings {
  readonly level: WireLevel;
  /** Which spelling of the plain wire is there: the document's, what backends run, or both. */
  readonly routes: 'document' | 'running' | 'both';
  readonly records: Records;
  readonly chat: ChatStore;
  readonly avatars: AvatarStore;
  readonly syncLog: SyncLog;
  readonly rows: WireRows;
  readonly announce: Announce;
  /** Throws when the user sends, or uploads, too often. */
  limit(kind: 'message' | 'upload', userId: string): void;
  newMediaUrl(): string;
  /** Address of a put. */
  putUrl(key: string): string;
  readonly uploadSeconds: number;
}

type Handler = (call: Call) => Reply;
type RouteTable = readonly (readonly [method: string, path: RegExp, handler: Handler])[];

/** Answers a request; `undefined` for an address the backend does not have. */
export type RestHandler = (method: string, path: string, call: Omit<Call, 'params'>) => Reply | undefined;

/** The backend's REST side. */
export function createRest(settings: RestSettings): RestHandler {
  const routes: RouteTable = [...avatarRoutes(settings), ...chatRoutes(settings), ...level2Routes(settings)];
  return (method, path, call) => {
    for (const [verb, pattern, handler] of routes) {
      const match = verb === method ? pattern.exec(path) : null;
      if (match) return handler({ ...call, params: match.slice(1).map(decodeURIComponent) });
    }
    return undefined;
  };
}

function avatarRoutes({
  records,
  avatars,
  rows,
  announce,
  limit,
  putUrl,
  uploadSeconds,
  level,
}: RestSettings): RouteTable {
  const published = (user: UserRecord, { isNew, key }: PublishedAvatar): Reply => ({
    body: { ok: true, ...rows.avatar(user), ...(level === 2 ? { avatar_key: key } : {}) },
    announce: () => isNew && announce.avatar(user),
  });
  const userOf = (id: string) => {
    const user = records.users.get(id);
    if (user) return user;
    throw new Refusal(404, 'USER_NOT_FOUND', 'unable to find the user');
  };

  return [
    [
      'POST',
      /^\/api\/users\/me\/avatar\/presign$/,
      ({ userId, body }) => {
        limit('upload', userId);
        const files = avatars.presign(userId, wishesOf(body.files));
        const uploads = files.map(({ type, key, contentType }) => ({
          fileId: `f-${key}`,
          type,
          key,
          url: putUrl(key),
          method: 'PUT',
          headers: { 'Content-Type': contentType },
        }));
        return { body: { uploads, expiresIn: uploadSeconds } };
      },
    ],
    [
      'POST',
      /^\/api\/users\/me\/avatar\/complete$/,
      ({ userId, body }) => {
        const uploads = Array.isArray(body.uploads) ? body.uploads : [];
        const keys = uploads.map((upload) => textOf(fieldsOf(upload).key) ?? '');
        return published(userOf(userId), avatars.complete(userId, keys));
      },
    ],
    [
      'DELETE',
      /^\/api\/users\/me\/avatar$/,
      ({ userId }) => {
        const user = avatars.remove(userId);
        const version = level === 2 ? { avatar_version: user.avatarVersion } : {};
        return { body: { success: true, ...version }, announce: () => announce.avatar(user) };
      },
    ],
    [
      'GET',
      /^\/api\/users\/([^/]+)\/profile$/,
      ({ userId, params: [id = ''] }) => ({ body: rows.user(userOf(id === 'me' ? userId : id)) }),
    ],
    [
      'PATCH',
      /^\/api\/users\/me\/profile$/,
      ({ userId, body }) => {
        const user = userOf(userId);
        user.name = textOf(body.display_name) ?? user.name;
        return { body: rows.user(user), announce: () => announce.profile(user) };
      },
    ],
  ];
}

function chatRoutes(settings: RestSettings): RouteTable {
  const { level, chat, rows, announce, limit } = settings;
  const isExact = level === 2;
  const has = (kind: 'document' | 'running') =>
    isExact || settings.routes === 'both' || settings.routes === kind;

  const list: Handler = ({ userId, query }) => {
    const asked = query.get('user_id');
    if (isExact && asked !== null && asked !== userId) {
      throw new Refusal(403, 'FORBIDDEN', 'unable to list the conversations; they are not yours');
    }
    const page = Math.max(1, countOf(query.get('page')) ?? 1);
    const limit = Math.min(100, Math.max(1, countOf(query.get('limit')) ?? 20));
    const all = chat.listOf(userId);
    const conversations = all.slice((page - 1) * limit, page * limit);
    return {
      body: {
        success: true,
        conversations: conversations.map((row) => rows.conversation(row, userId)),
        pagination: { page, limit, total: isExact ? all.length : 0 },
      },
    };
  };

  const page: Handler = ({ userId, params, query }) => {
    const conversation = chat.find(params[0] ?? '', userId);
    const { messages, total, page, limit } = windowOf(conversation, query, isExact);
    const body = {
      success: true,
      messages: messages.map(rows.message),
      pagination: { page, limit, total: isExact ? total : 0 },
      ...(isExact ? { last_seq: total, read_seqs: readSeqs(conversation, rows) } : {}),
    };
    // The plain wire marks what it shows, silently, and answers as it was before.
    if (!isExact) chat.markSeen(conversation, userId, messages.at(-1)?.seq ?? 0);
    return { body };
  };

  const send: Handler = ({ userId, params, body }) => {
    const text = (textOf(body.message) ?? '').trim();
    const mediaUrl = textOf(body.media_url);
    if (!isExact && body.media_url === null) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; media_url must be a string');
    }
    if (text.length > 1000 || (text === '' && !(isExact && mediaUrl))) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; message must be 1 to 1000 characters');
    }
    limit('message', userId);
    const receiverId = idOf(body.receiver_id);
    const conversationId =
      idOf(body.conversation_id) ??
      params[0] ??
      (receiverId === null ? null : chat.open(userId, receiverId).conversation.id);
    const conversation = chat.find(conversationId, userId);
    if (receiverId !== null && receiverId !== partnerOf(conversation, userId)) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; the receiver is not in the conversation');
    }
    const { message, isNew } = chat.send({
      conversationId: conversation.id,
      senderId: userId,
      text,
      mediaUrl,
      clientId: textOf(body.client_id),
      raises: true,
    });
    return {
      status: isNew ? 201 : 200,
      body: { success: true, message: rows.message(message) },
      announce: () => isNew && announce.message(conversation, message, 'rest'),
    };
  };

  const markConversation: Handler = ({ userId, params, body }) => {
    const conversation = chat.find(params[0] ?? '', userId);
    const upTo = (isExact ? countOf(body.up_to_seq) : null) ?? conversation.messages.length;
    const changed = chat.markSeen(conversation, userId, upTo);
    return seenReply(settings, conversation, userId, changed, null);
  };

  const markMessage: Handler = ({ userId, body }) => {
    const id = idOf(body.message_id);
    const message = settings.records.messages.get(id ?? '');
    if (id === null || (!message && !isUuid(id))) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to mark; message_id must be a UUID');
    }
    if (!message) throw new Refusal(404, 'MESSAGE_NOT_FOUND', 'unable to find the message');
    const conversation = chat.find(message.conversationId, userId);
    const changed = chat.markSeen(conversation, userId, message.seq);
    return seenReply(settings, conversation, userId, changed, id);
  };

  return [
    ...(has('document') ? ([['GET', /^\/api\/conversations$/, list]] as const) : []),
    ...(has('running') ? ([['GET', /^\/api\/messages\/conversations$/, list]] as const) : []),
    ['GET', /^\/api\/conversations\/([^/]+)\/messages$/, page],
    ...(has('document') ? ([['POST', /^\/api\/messages\/send$/, send]] as const) : []),
    ...(has('running') ? ([['POST', /^\/api\/messages$/, send]] as const) : []),
    ['POST', /^\/api\/conversations\/([^/]+)\/messages$/, send],
    ...(has('document') ? ([['POST', /^\/api\/messages\/mark-seen$/, markMessage]] as const) : []),
    ['PUT', /^\/api\/conversations\/([^/]+)\/seen$/, markConversation],
    ['POST', /^\/api\/fcm\/(?:un)?register$/, () => ({ body: { success: true } })],
  ];
}

/** What level 2 adds; level 1 tells its capabilities only. */
function level2Routes({
  level,
  chat,
  rows,
  announce,
  records,
  syncLog,
  newMediaUrl,
}: RestSettings): RouteTable {
  if (level === 0) return [];
  const isExact = level === 2;
  const capabilities: WirePayload = {
    level,
    avatar_version: isExact,
    client_id: true,
    seq: isExact,
    sync: isExact,
    acks: true,
    media_upload: isExact,
  };
  const tell: RouteTable = [['GET', /^\/api\/capabilities$/, () => ({ body: capabilities })]];
  if (!isExact) return tell;
  return [
    ...tell,
    [
      'POST',
      /^\/api\/media$/,
      ({ body }) => {
        const size = countOf(fieldsOf(body.file).size);
        if (size === null || size > 5_000_000) {
          throw new Refusal(413, 'TOO_LARGE', 'unable to take the file; it is missing or too large');
        }
        const url = newMediaUrl();
        records.media.set(url, size);
        return { body: { success: true, url } };
      },
    ],
    [
      'GET',
      /^\/api\/conversations\/([^/]+)$/,
      ({ userId, params }) => {
        const conversation = chat.find(params[0] ?? '', userId);
        return { body: { success: true, conversation: rows.conversation(conversation, userId) } };
      },
    ],
    [
      'POST',
      /^\/api\/conversations$/,
      ({ userId, body }) => {
        const { conversation, isNew } = chat.open(userId, idOf(body.receiver_id) ?? '');
        return {
          status: isNew ? 201 : 200,
          body: { success: true, conversation: rows.conversation(conversation, userId) },
          announce: () => isNew && announce.opened(conversation),
        };
      },
    ],
    [
      'DELETE',
      /^\/api\/messages\/([^/]+)$/,
      ({ userId, params }) => {
        const wasDeleted = records.messages.get(params[0] ?? '')?.deletedAt != null;
        const message = chat.remove(params[0] ?? '', userId);
        const conversation = chat.find(message.conversationId, userId);
        return {
          body: { success: true, message: rows.message(message) },
          announce: () => !wasDeleted && announce.deleted(conversation, message),
        };
      },
    ],
    [
      'POST',
      /^\/api\/conversations\/([^/]+)\/state$/,
      ({ userId, params, body }) => {
        const conversation = chat.find(params[0] ?? '', userId);
        const flowState = textOf(body.flow_state);
        const chatStatus = textOf(body.chat_status);
        chat.setState(conversation, {
          ...(flowState === null ? {} : { flowState }),
          ...('awaiting_role' in body ? { awaitingRole: textOf(body.awaiting_role) } : {}),
          ...(chatStatus === null ? {} : { chatStatus }),
        });
        return {
          body: { success: true, conversation: rows.conversation(conversation, userId) },
          announce: () => announce.state(conversation),
        };
      },
    ],
    [
      'GET',
      /^\/api\/sync$/,
      ({ userId, query }) => {
        const limit = Math.min(200, Math.max(1, countOf(query.get('limit')) ?? 200));
        const page = syncLog.read(userId, query.get('since'), limit);
        return {
          body: {
            changes: page.changes.map((change) => rows.change(change, userId)),
            cursor: page.cursor,
            has_more: page.hasMore,
            ...(page.reset ? { reset: true } : {}),
          },
        };
      },
    ],
  ];
}

function seenReply(
  { level, rows, announce }: RestSettings,
  conversation: ConversationRecord,
  userId: string,
  changed: boolean,
  messageId: string | null,
): Reply {
  const { read_seq, unread_count } = seenState(conversation, userId);
  const exact = { conversation_id: rows.id(conversation.id), read_seq, unread_count };
  return {
    body: { success: true, ...(level === 2 ? exact : {}) },
    announce: () => (changed || level < 2) && announce.seen(conversation, userId, messageId),
  };
}

function windowOf({ messages }: ConversationRecord, query: URLSearchParams, isExact: boolean) {
  const total = messages.length;
  const limit = Math.min(200, Math.max(1, countOf(query.get('limit')) ?? 50));
  const page = Math.max(1, countOf(query.get('page')) ?? 1);
  const before = isExact ? countOf(query.get('before_seq')) : null;
  const after = isExact ? countOf(query.get('after_seq')) : null;
  if (after !== null) return { messages: messages.slice(after, after + limit), total, page, limit };
  const end = before === null ? total - (page - 1) * limit : Math.min(total, Math.max(0, before - 1));
  return { messages: messages.slice(Math.max(0, end - limit), Math.max(0, end)), total, page, limit };
}

function readSeqs(conversation: ConversationRecord, rows: WireRows): WirePayload {
  return Object.fromEntries(
    conversation.members.map((id) => [String(rows.id(id)), seenState(conversation, id).read_seq]),
  );
}

function wishesOf(files: unknown) {
  const wishes = (Array.isArray(files) ? files : []).map((file) => {
    const { type, contentType, size } = fieldsOf(file);
    const bytes = countOf(size);
    if ((type !== 'avatar' && type !== 'thumb') || typeof contentType !== 'string' || !bytes) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to read the request; files');
    }
    return { type, contentType, size: bytes } as const;
  });
  if (wishes.some(({ type }) => type === 'avatar')) return wishes;
  throw new Refusal(400, 'INVALID_REQUEST', 'unable to read the request; there is no avatar');
}

export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
