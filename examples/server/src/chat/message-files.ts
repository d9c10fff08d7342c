import type { Database, Queries } from '../database/database.ts';
import { filenameOf } from '../pictures/picture-types.ts';
import type { Storage } from '../storage/storage.ts';

/** The files of messages: each is there for as long as a message names it. */
export interface MessageFiles {
  publish(key: string, bytes: Uint8Array): Promise<void>;
  /** Removes those that are due and that no message names. */
  sweep(): Promise<void>;
}

/** As long as a device may be offline between putting a file up and sending the message that names it. */
const UNNAMED_MS = 30 * 24 * 60 * 60_000;
const SWEPT_AT_ONCE = 100;

/** The file that an address names, however the client wrote the address; the index `messages_file` has the same words. */
const fileIn = (address: string) => `substring(${address} from '([^/?#]*)([?#].*)?$')`;

/** Looks at some files, each of them once; one that is named is looked at again when a message that names it is deleted. */
const lookAtSome = `
  with due as (select filename, key from message_files where due_at <= $1 order by due_at limit ${SWEPT_AT_ONCE}),
  named as (
    update message_files file set due_at = null from due
    where file.filename = due.filename and exists (
      select 1 from messages where media_url is not null and ${fileIn('media_url')} = due.filename)
    returning file.filename)
  select key, filename, filename in (select filename from named) as is_named from due`;

interface Seen {
  key: string;
  filename: string;
  is_named: boolean;
}

export function createMessageFiles(settings: {
  database: Database;
  storage: Storage;
  clock: () => number;
}): MessageFiles {
  const { database, storage, clock } = settings;
  return {
    async publish(key, bytes) {
      // Known before it is there, so that the sweep finds what a crash leaves behind.
      await database.query('insert into message_files (filename, key, due_at) values ($1, $2, $3)', [
        filenameOf(key),
        key,
        new Date(clock() + UNNAMED_MS),
      ]);
      await storage.publish(key, bytes);
    },
    async sweep() {
      for (;;) {
        const seen = await database.query<Seen>(lookAtSome, [new Date(clock())]);
        const unnamed = seen.filter((file) => !file.is_named);
        await storage.unpublish(unnamed.map(({ key }) => key));
        await database.query('delete from message_files where filename = any($1)', [
          unnamed.map(({ filename }) => filename),
        ]);
        if (seen.length < SWEPT_AT_ONCE) return;
      }
    },
  };
}

/** A message that named this address is gone: the sweep sees whether another one does. */
export async function doubtFile(tx: Queries, mediaUrl: string, at: Date): Promise<void> {
  await tx.query(`update message_files set due_at = $2 where filename = ${fileIn('$1::text')}`, [
    mediaUrl,
    at,
  ]);
}
