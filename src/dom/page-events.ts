import type { AvatarClient, UserStatement } from '../index.ts';

/** Options of {@link wireEvents}. */
export interface PageEventOptions {
  /**
   * The type of user ids in events that are dispatched, until an event of the page shows which one it uses: pages compare
   * them by `===`. Default `string`.
   */
  readonly idType?: 'string' | 'number' | undefined;
}

const names = ['profile:updated', 'profilePictureUpdated'] as const;
type EventName = (typeof names)[number];
const targetOf = (name: EventName) => (name === 'profile:updated' ? window : document);

interface Due {
  readonly detail: object;
  readonly by: Set<EventName>;
}

/**
 * Speaks with pages that tell each other of pictures by hand: `profile:updated` on `window` and `profilePictureUpdated` on
 * `document`, both with the detail `{ userId, profilePicture, name, username }`.
 *
 * What the client learns is dispatched. What the page dispatches is taken in by `client.users.update()` and told on by the
 * other event only, so that nothing goes round in circles.
 *
 * @returns an undo, safe to call twice.
 */
export function wireEvents(client: AvatarClient, { idType = 'string' }: PageEventOptions = {}): () => void {
  const own = new WeakSet<Event>();
  /** By user; told at the end of the turn, so that a picture and a name that come together are one event. */
  const due = new Map<string, Due>();
  let heard: EventName | undefined;

  function note({ userId }: { readonly userId: string }) {
    if (due.size === 0) queueMicrotask(tell);
    const { name, username } = client.users.live(userId).getSnapshot();
    const profilePicture = client.users.update(userId, {})?.url ?? null;
    const by = due.get(userId)?.by ?? new Set();
    for (const each of names) if (each !== heard) by.add(each);
    due.set(userId, { detail: { userId: inTypeOfPage(userId), profilePicture, name, username }, by });
  }

  function tell() {
    const told = [...due.values()];
    due.clear();
    for (const { detail, by } of told) {
      for (const name of by) {
        const event = new CustomEvent(name, { detail });
        own.add(event);
        targetOf(name).dispatchEvent(event);
      }
    }
  }

  function inTypeOfPage(userId: string): string | number {
    return idType === 'number' && String(Number(userId)) === userId ? Number(userId) : userId;
  }

  function hear(event: Event) {
    if (own.has(event)) return;
    const detail: unknown = event instanceof CustomEvent ? event.detail : undefined;
    const userId = field(detail, 'userId') ?? client.userId;
    if (typeof userId !== 'string' && typeof userId !== 'number') return;
    idType = typeof userId === 'number' ? 'number' : 'string';
    const statement = statementIn(detail);
    if (!statement) return void client.users.get(userId).catch(() => {});
    const before = heard;
    heard = names.find((name) => name === event.type);
    try {
      client.users.update(userId, statement);
    } finally {
      heard = before;
    }
  }

  const undos = [client.realtime.on('avatarUpdated', note), client.realtime.on('profileUpdated', note)];
  for (const name of names) targetOf(name).addEventListener(name, hear);
  return () => {
    for (const undo of undos) undo();
    for (const name of names) targetOf(name).removeEventListener(name, hear);
    due.clear();
  };
}

/** What an event says; `null` when it says no more than that something changed. */
function statementIn(detail: unknown): UserStatement | null {
  const picture = field(detail, 'profilePicture');
  const name = text(field(detail, 'name'));
  const username = text(field(detail, 'username'));
  if (picture === null || picture === '') return { pictureUrl: null, name, username };
  const isAddress = typeof picture === 'string' && /[/:]/.test(picture);
  if (isAddress) return { pictureUrl: new URL(picture, document.baseURI).href, name, username };
  // A bare file name: where it lies, only the backend can tell.
  return picture === undefined && (name ?? username) !== undefined ? { name, username } : null;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
