import type { Logger } from '../lib/logger.ts';
import type { OutboxStorage } from '../storage/storage.ts';
import type { Entry, OutboxList } from './outbox-list.ts';
import { fromRecord, isFromLater, type OutboxState, toRecord } from './outbox-record.ts';

export interface LoadSettings {
  readonly ownerId: string;
  readonly storage: OutboxStorage;
  readonly logger: Logger;
  readonly list: OutboxList;
  /** Items known to be sent or discarded, whatever is stored. */
  readonly gone: ReadonlySet<string>;
  isTrying(entry: Entry): boolean;
  insert(state: OutboxState): Entry;
  adopt(entry: Entry, state: OutboxState): void;
  forget(entry: Entry): void;
}

/** Brings the list in line with what is stored, where another page may have written too. */
export async function loadOutbox(settings: LoadSettings): Promise<void> {
  const { ownerId, storage, logger, list, gone } = settings;
  const before = new Map(list.entries().map((entry) => [entry, entry.state]));
  const settledBefore = [...before.keys()].filter(({ isStored }) => isStored);
  const { records, complete } = await storage.list(ownerId).catch((error: unknown) => {
    logger.error('the storage failed', error);
    return { records: [], complete: false };
  });
  const found = new Set<string>();

  for (const record of records) {
    const state = fromRecord(record);
    if (!state) {
      drop(record, storage, logger);
      continue;
    }
    const { clientId } = state.item;
    if (state.item.ownerId !== ownerId) continue;
    found.add(clientId);
    const entry = list.get(clientId);
    if (gone.has(clientId)) void storage.remove(clientId);
    else if (!entry) settings.insert(state).isStored = true;
    else if (before.get(entry) === entry.state && !settings.isTrying(entry) && !isSame(entry.state, state))
      settings.adopt(entry, state);
  }

  if (!complete) return;
  for (const entry of list.entries()) {
    if (entry.isStored && found.has(entry.state.item.clientId))
      entry.isShared = storage.durability === 'persistent';
  }
  for (const entry of settledBefore) {
    if (!entry.isGone && !found.has(entry.state.item.clientId)) settings.forget(entry);
  }
}

/** Removes everything of this owner, also what cannot be read. */
export async function wipeOutbox(ownerId: string, storage: OutboxStorage): Promise<void> {
  const { records } = await storage.list(ownerId);
  await Promise.all(
    records.map((record) => (textOf(record, 'ownerId') === ownerId ? remove(record, storage) : undefined)),
  );
}

function drop(record: unknown, storage: OutboxStorage, logger: Logger) {
  if (isFromLater(record)) return logger.warn('left a stored message to the newer version that wrote it');
  logger.warn('dropped a stored message that cannot be read');
  void remove(record, storage);
}

async function remove(record: unknown, storage: OutboxStorage) {
  const clientId = textOf(record, 'clientId');
  if (clientId !== null) await storage.remove(clientId);
}

function textOf(record: unknown, name: 'clientId' | 'ownerId'): string | null {
  const value: unknown = typeof record === 'object' && record && Reflect.get(record, name);
  return typeof value === 'string' ? value : null;
}

function isSame(a: OutboxState, b: OutboxState): boolean {
  return (
    JSON.stringify(Object.entries(toRecord(a)).sort()) === JSON.stringify(Object.entries(toRecord(b)).sort())
  );
}
