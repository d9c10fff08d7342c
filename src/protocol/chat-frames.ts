import type { MessageRow } from './chat-rows.ts';
import { readTime } from './schemas.ts';

/**
 * Readers of what comes most often, at a tenth of their schemas' cost. Each gives exactly what its schema gives, and
 * `undefined` for exactly what its schema refuses (held by test); the schema then says why.
 */

type Fields = Readonly<Record<string, unknown>>;
type Id = string | number;

export function readMessageRow(value: unknown): MessageRow | undefined {
  if (!isObject(value)) return undefined;
  const { id, conversation_id, sender_id, content, message, message_type, media_url } = value;
  const { seen, is_read, deleted_at, seq, client_id } = value;
  const created_at = readTime(value.created_at);
  const isRow =
    isId(id) &&
    isId(sender_id) &&
    isOptionalId(conversation_id) &&
    isOptionalText(content) &&
    isOptionalText(message) &&
    isOptionalText(message_type) &&
    isOptionalText(media_url) &&
    isOptionalText(deleted_at) &&
    isOptionalText(client_id) &&
    isOptionalFlag(seen) &&
    isOptionalFlag(is_read) &&
    isOptionalCount(seq) &&
    !Number.isNaN(created_at);
  if (!isRow) return undefined;
  return {
    id: String(id),
    conversation_id: textOf(conversation_id),
    sender_id: String(sender_id),
    content,
    message,
    message_type,
    media_url: media_url === undefined ? undefined : media_url || null,
    seen,
    is_read,
    created_at,
    deleted_at,
    seq,
    client_id,
  };
}

export function readNewMessage(payload: unknown) {
  if (!isObject(payload)) return undefined;
  const { conversation_id, conversationId, conversation_context: state } = payload;
  const message = readMessageRow(payload.message);
  if (!message || !isOptionalId(conversation_id) || !isOptionalId(conversationId)) return undefined;
  const conversation_context = state === undefined || state === null ? state : readState(state);
  if (conversation_context === undefined && state !== undefined) return undefined;
  return {
    conversation_id: textOf(conversation_id),
    conversationId: textOf(conversationId),
    message,
    conversation_context,
  };
}

function readState(value: unknown) {
  if (!isObject(value)) return undefined;
  const { flow_state, awaiting_role, chat_status } = value;
  if (!isOptionalText(flow_state) || !isOptionalText(awaiting_role) || !isOptionalText(chat_status))
    return undefined;
  return { flow_state, awaiting_role, chat_status };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' ? value !== '' && value.length <= 256 : Number.isSafeInteger(value);
}

function isOptionalId(value: unknown): value is Id | undefined {
  return value === undefined || isId(value);
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === undefined || value === null;
}

function isOptionalFlag(value: unknown): value is boolean | null | undefined {
  return typeof value === 'boolean' || value === undefined || value === null;
}

function isOptionalCount(value: unknown): value is number | null | undefined {
  return value === undefined || value === null || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function textOf(id: Id | undefined): string | undefined {
  return typeof id === 'number' ? String(id) : id;
}
