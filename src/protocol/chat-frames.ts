import { isId } from '../lib/ids.ts';
import type { NewMessage } from './chat-events.ts';
import type { MessageRow } from './chat-rows.ts';
import { isTime } from './wire-time.ts';

/**
 * Guards of what comes most often, at a tenth of their schemas' cost. Each takes exactly what its schema takes (held by
 * test); of what it refuses, the schema says why.
 */

type Fields = Readonly<Record<string, unknown>>;

export function isMessageRow(value: unknown): value is MessageRow {
  if (!isObject(value)) return false;
  const { created_at: createdAt } = value;
  return (
    isWireId(value.id) &&
    isWireId(value.sender_id) &&
    isOptionalId(value.conversation_id) &&
    isOptionalText(value.content) &&
    isOptionalText(value.message) &&
    isOptionalText(value.message_type) &&
    isOptionalText(value.media_url) &&
    isOptionalText(value.deleted_at) &&
    isOptionalText(value.client_id) &&
    isOptionalFlag(value.seen) &&
    isOptionalFlag(value.is_read) &&
    isOptionalCount(value.seq) &&
    (isNothing(createdAt) || (typeof createdAt === 'string' && isTime(createdAt)))
  );
}

export function isNewMessage(payload: unknown): payload is NewMessage {
  return (
    isObject(payload) &&
    isMessageRow(payload.message) &&
    isOptionalId(payload.conversation_id) &&
    isOptionalId(payload.conversationId) &&
    (isNothing(payload.conversation_context) || isState(payload.conversation_context))
  );
}

function isState(value: unknown): boolean {
  return (
    isObject(value) &&
    isOptionalText(value.flow_state) &&
    isOptionalText(value.awaiting_role) &&
    isOptionalText(value.chat_status)
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isWireId(value: unknown): boolean {
  return typeof value === 'string' ? isId(value) : Number.isSafeInteger(value);
}

function isOptionalId(value: unknown): boolean {
  return value === undefined || isWireId(value);
}

function isOptionalText(value: unknown): boolean {
  return typeof value === 'string' || isNothing(value);
}

function isOptionalFlag(value: unknown): boolean {
  return typeof value === 'boolean' || isNothing(value);
}

function isOptionalCount(value: unknown): boolean {
  return isNothing(value) || (Number.isSafeInteger(value) && Number(value) >= 0);
}
