import { randomUUID } from 'node:crypto';
import type { Background } from '../background.ts';
import type { Database } from '../database/database.ts';

/** What appears on a phone that has no page open. */
export interface PushNote {
  userId: string;
  type: string;
  title: string;
  body: string;
  conversationId: string;
  messageId: string | null;
}

/** Where notes leave the house; FCM is one. */
export interface PushSender {
  /** Answers which tokens are dead, so that they are not tried again. */
  send(tokens: readonly string[], note: PushNote): Promise<{ dead: readonly string[] }>;
  /** Gives up what waits for another try. */
  close?(): void;
}

export interface Push {
  register(
    userId: string,
    device: { token: string; platform: string; deviceId?: string | undefined },
  ): Promise<void>;
  unregister(userId: string, token: string): Promise<void>;
  /** Returns at once, and never throws: nobody's message waits for a phone. */
  notify(note: PushNote): void;
}

const REMEMBERED_NOTES = 500;
/** More devices than anyone carries: one message must not become a thousand requests. */
const MOST_TOKENS = 20;

/** Sends nothing and remembers what it would have sent. */
export class RecordingPushSender implements PushSender {
  readonly recorded: (PushNote & { tokens: readonly string[] })[] = [];

  async send(tokens: readonly string[], note: PushNote): Promise<{ dead: readonly string[] }> {
    this.recorded.push({ ...note, tokens });
    if (this.recorded.length > REMEMBERED_NOTES) this.recorded.shift();
    return { dead: [] };
  }
}

export function createPush(settings: {
  database: Database;
  sender: PushSender;
  background: Background;
  clock: () => number;
}): Push {
  const { database, sender, background, clock } = settings;
  return {
    async register(userId, { token, platform, deviceId }) {
      await database.transaction(async (tx) => {
        // A device has one token: the one it got last.
        await tx.query('delete from fcm_tokens where user_id = $1 and device_id = $2 and token <> $3', [
          userId,
          deviceId ?? null,
          token,
        ]);
        await tx.query(
          `insert into fcm_tokens (id, user_id, token, platform, device_id, last_used_at)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (token) do update set user_id = excluded.user_id, platform = excluded.platform,
             device_id = excluded.device_id, last_used_at = excluded.last_used_at, is_active = true`,
          [randomUUID(), userId, token, platform, deviceId ?? null, new Date(clock())],
        );
        await tx.query(
          `delete from fcm_tokens where id in (
             select id from fcm_tokens where user_id = $1 and token <> $2
             order by last_used_at desc, id offset $3)`,
          [userId, token, MOST_TOKENS - 1],
        );
      });
    },
    async unregister(userId, token) {
      await database.query('delete from fcm_tokens where user_id = $1 and token = $2', [userId, token]);
    },
    notify(note) {
      background.run(async () => {
        const rows = await database.query<{ token: string }>(
          'select token from fcm_tokens where user_id = $1 and is_active order by last_used_at',
          [note.userId],
        );
        const { dead } = await sender.send(
          rows.map((row) => row.token),
          note,
        );
        if (dead.length === 0) return;
        await database.query('delete from fcm_tokens where token = any($1)', [dead]);
      });
    },
  };
}
