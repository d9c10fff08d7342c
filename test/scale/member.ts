import type { LiveThread } from '../../src/chat-models.ts';
import type { VisavisClient } from '../../src/client.ts';
import type { Deployment } from './deployment.ts';

/** Somebody with a conversation open, and all that is to be remembered of what they wrote and saw. */
export interface Member {
  readonly userId: string;
  readonly otherId: string;
  readonly conversationId: string;
  readonly client: VisavisClient;
  readonly thread: LiveThread;
  /** Client ids of what they wrote, in this order. */
  readonly issued: string[];
  /** Those of them that the backend has said to have. */
  readonly confirmed: Set<string>;
  /** What was shown and must never be. */
  readonly faults: string[];
  write(text: string): Promise<void>;
}

/** Both sides of so many conversations, live. */
export async function gather(deployment: Deployment, conversations: readonly string[]): Promise<Member[]> {
  const seats = conversations.flatMap((id, at) => {
    const [one, other] = [`p${2 * at + 1}`, `p${2 * at + 2}`];
    return [
      [one, other, id],
      [other, one, id],
    ] as const;
  });
  const members: Member[] = [];
  // Not all at once: a login is a query, and so is every room.
  for (let at = 0; at < seats.length; at += 20)
    members.push(...(await Promise.all(seats.slice(at, at + 20).map((seat) => join(deployment, ...seat)))));
  return members;
}

async function join(
  deployment: Deployment,
  userId: string,
  otherId: string,
  conversationId: string,
): Promise<Member> {
  const client = await deployment.client(userId);
  const thread = client.messages.live(conversationId);
  const other = client.users.live(otherId);
  const issued: string[] = [];
  const confirmed = new Set<string>();
  const faults: string[] = [];
  const told = new Set<string>();
  let version = 0;
  let seen = 0;

  thread.subscribe(() => {
    const { unread } = thread.getSnapshot();
    if (!Number.isInteger(unread) || unread < 0) faults.push(`I5: ${unread} unread`);
  });
  other.subscribe(() => {
    const shown = other.getSnapshot().avatar?.version ?? version;
    if (shown < version) faults.push(`I7: version ${shown} after ${version}`);
    version = shown;
  });
  client.realtime.on('seen', ({ userId: reader, seq }) => {
    if (reader !== otherId || seq === null) return;
    if (seq < seen) faults.push(`I6: seen up to ${seq} after ${seen}`);
    seen = seq;
  });
  client.realtime.on('message', ({ isOwn, clientId, messageId }) => {
    if (told.has(messageId)) faults.push(`I2: ${messageId} was told twice`);
    told.add(messageId);
    if (isOwn && clientId !== null) confirmed.add(clientId);
  });

  return {
    userId,
    otherId,
    conversationId,
    client,
    thread,
    issued,
    confirmed,
    faults,
    async write(text) {
      const { clientId } = await client.messages.send(conversationId, { text });
      issued.push(clientId ?? '');
    },
  };
}

/** All talk at once, until told to stop: each writes, types and looks, about every so many milliseconds. */
export function talk(members: readonly Member[], everyMs: number): () => Promise<void> {
  let isOver = false;
  const wakers = new Set<() => void>();
  const wait = () =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.random() * 2 * everyMs);
      wakers.add(wake);
    });
  const lives = members.map(async ({ client, conversationId, write, userId }) => {
    for (let count = 1; ; count += 1) {
      await wait();
      if (isOver) return;
      client.realtime.keystroke(conversationId);
      await write(`${userId} says ${count}`);
      if (count % 3 === 0) client.messages.markSeen(conversationId);
    }
  });
  return async () => {
    isOver = true;
    for (const wake of wakers) wake();
    await Promise.all(lives);
  };
}
