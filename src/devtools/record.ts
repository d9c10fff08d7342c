import type { AvatarClient, Fact, FactOrigin, RealtimeEvents } from '../index.ts';
import type { Recording, RecordingEntry } from './recording.ts';
import { redact } from './redact.ts';

/** Options of {@link record}. */
export interface RecordOptions {
  /** Entries to keep; the oldest go first. Default 1,000. */
  readonly limit?: number;
  /** Whether texts of messages and notifications are kept. Default: each letter becomes a dot. */
  readonly text?: boolean;
}

/** A recording under way. */
export interface Recorder {
  readonly recording: Recording;
  /** Calls `listener` with every entry; returns the undo. */
  subscribe(listener: (entry: RecordingEntry) => void): () => void;
  /** Ends the recording; what is there stays. Safe to call twice. */
  stop(): void;
}

const names: readonly (keyof RealtimeEvents)[] = [
  'avatarUpdated',
  'profileUpdated',
  'message',
  'typing',
  'unread',
  'seen',
  'presence',
  'conversationUpdated',
  'conversationState',
  'notification',
  'resynced',
  'durabilityChanged',
  'statusChanged',
  'protocolError',
  'signedOut',
];

/**
 * Records what a client learns and tells. Without tokens, which facts never hold, without signed addresses, and without
 * texts unless they are asked for.
 *
 * @example
 * const recorder = record(client);
 * button.onclick = () => save(JSON.stringify(recorder.recording));
 */
export function record(client: AvatarClient, { limit = 1_000, text = false }: RecordOptions = {}): Recorder {
  const { version, userId, facts } = client.dehydrate();
  const listeners = new Set<(entry: RecordingEntry) => void>();
  const clean = (value: unknown) => redact(value, text);
  let entries: RecordingEntry[] = [];
  let dropped = 0;

  function add(entry: RecordingEntry) {
    entries.push(entry);
    // Cut now and then, not each time: moving a thousand entries costs more than making one.
    if (entries.length >= 2 * limit) cut();
    for (const listener of listeners) listener(entry);
  }

  function cut() {
    const surplus = Math.max(0, entries.length - limit);
    dropped += surplus;
    entries = entries.slice(surplus);
  }

  function addFacts(facts: readonly Fact[], origin: FactOrigin) {
    add({ at: Date.now(), kind: 'facts', origin, facts: facts.map(clean) as Fact[] });
  }

  addFacts(facts, 'history');
  const undo = [
    client.inspect(addFacts),
    ...names.map((name) =>
      client.realtime.on(name, (event) => add({ at: Date.now(), kind: 'event', name, event: clean(event) })),
    ),
  ];

  return {
    get recording() {
      cut();
      return { version, userId, entries: [...entries], dropped };
    },
    subscribe(listener) {
      const own: typeof listener = (entry) => listener(entry);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    stop() {
      for (const end of undo) end();
    },
  };
}
