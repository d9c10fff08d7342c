import { type ErrorCode, errorCodes, VisavisError } from '../errors.ts';
import type { StoredRecord } from '../storage/storage.ts';
import type { OutboxItem } from './outbox-item.ts';

/** What the outbox knows of an item that nobody else needs. */
export interface OutboxState {
  readonly item: OutboxItem;
  /** Connections lost in a row while it was on them. */
  readonly closes: number;
  /** Whether it was once sent again by itself because the backend did not have it. */
  readonly wasResent: boolean;
  /** Ids of messages with the same content that were there before it was first tried: none of them can be it. */
  readonly twins: readonly string[];
}

/** An item as it is stored. */
export interface OutboxRecord extends StoredRecord, Omit<OutboxItem, 'error' | 'progress'> {
  readonly version: number;
  readonly errorCode: ErrorCode | null;
  readonly closes: number;
  readonly wasResent: boolean;
  readonly twins: readonly string[];
}

const version = 1;
/** A moment in the year 2248: beyond it positions would no longer tell two items apart. */
const maxNumber = 2 ** 43;
const states: readonly unknown[] = [
  'queued',
  'sending',
  'failed',
  'uncertain',
] satisfies OutboxItem['state'][];

const isString = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number' && value >= 0 && value <= maxNumber;
const isBoolean = (value: unknown) => typeof value === 'boolean';
const orNull = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value);
const isCode = (value: unknown) => (errorCodes as readonly unknown[]).includes(value);

const fields: Readonly<Record<keyof OutboxRecord, (value: unknown) => boolean>> = {
  version: (value) => value === version,
  clientId: (value) => isString(value) && value !== '',
  ownerId: isString,
  conversationId: isString,
  receiverId: orNull(isString),
  text: isString,
  mediaUrl: orNull(isString),
  media: orNull((value) => value instanceof Blob),
  createdAt: isNumber,
  position: isNumber,
  state: (value) => states.includes(value),
  tries: isNumber,
  mayHaveArrived: isBoolean,
  errorCode: orNull(isCode),
  closes: isNumber,
  wasResent: isBoolean,
  twins: (value) => Array.isArray(value) && value.every(isString),
};

export function toRecord({ item, closes, wasResent, twins }: OutboxState): OutboxRecord {
  const { error, progress: _, ...rest } = item;
  return { version, ...rest, errorCode: error?.code ?? null, closes, wasResent, twins };
}

/** A stored record as an item, or `null` when it is not one of ours. */
export function fromRecord(value: unknown): OutboxState | null {
  if (!isRecord(value)) return null;
  const { version: _, errorCode, closes, wasResent, twins, ...stored } = value;
  // It was on its way when the page ended: whether it arrived, only the backend knows.
  const wasSending = stored.state === 'sending';
  const item: OutboxItem = {
    ...stored,
    state: wasSending ? 'queued' : stored.state,
    // Its media goes up first.
    mayHaveArrived: (wasSending && !stored.media) || stored.mayHaveArrived,
    progress: null,
    error: errorCode && new VisavisError(errorCode, 'unable to send the message; it failed before a reload'),
  };
  return { item: Object.freeze(item), closes, wasResent, twins };
}

/** Whether a newer visavis wrote it, which alone can tell what it means. */
export function isFromLater(value: unknown): boolean {
  return isObject(value) && isNumber(value.version) && Number(value.version) > version;
}

function isRecord(value: unknown): value is OutboxRecord {
  return isObject(value) && Object.entries(fields).every(([name, isValid]) => isValid(value[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
