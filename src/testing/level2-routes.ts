import { Refusal } from './refusal.ts';
import type { RestSettings, RouteTable } from './rest-route.ts';
import { countOf, fieldsOf, idOf, textOf, type WirePayload } from './wire-value.ts';

/** What level 2 adds; level 1 tells its capabilities only. */
export function level2Routes({
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
