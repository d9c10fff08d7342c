import type { Database } from '../database/database.ts';
import { ApiError } from '../errors.ts';

/** A picture that was shown once, as it is stored. Its files are there until `erased_at`. */
export interface PictureRecord {
  id: string;
  user_id: string;
  version: number;
  filename: string;
  key: string;
  medium_key: string | null;
  mime_type: string;
  created_at: Date;
  is_active: boolean;
}

export interface PictureRecords {
  /** The one on show. Throws a 404 when there is no such user. */
  shown(userId: string): Promise<PictureRecord | undefined>;
  /** Newest first. */
  history(userId: string): Promise<PictureRecord[]>;
  /** One to be looked at, which is counted; `undefined` when it was deleted or replaced. */
  view(id: string): Promise<PictureRecord | undefined>;
  /** What system C keeps with a user beside the picture. */
  profile(userId: string): Promise<{ lastPictureSync: Date | null; preferences: unknown }>;
  noteSync(userId: string): Promise<void>;
}

const columns = `p.id, p.user_id, p.version, p.filename, p.key, p.medium_key, p.mime_type, p.created_at,
  p.id is not distinct from users.picture_id as is_active`;

export function createPictureRecords(settings: { database: Database; clock: () => number }): PictureRecords {
  const { database, clock } = settings;
  return {
    async shown(userId) {
      const [row] = await database.query<PictureRecord | { id: null }>(
        `select ${columns} from users left join pictures p on p.id = users.picture_id where users.id = $1`,
        [userId],
      );
      if (!row) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to find the user');
      return row.id === null ? undefined : row;
    },
    history: (userId) =>
      database.query(
        `select ${columns} from pictures p join users on users.id = p.user_id
         where p.user_id = $1 order by p.version desc limit 100`,
        [userId],
      ),
    async view(id) {
      const [row] = await database.query<PictureRecord>(
        `update pictures p set views = views + 1 from users
         where p.id = $1 and users.id = p.user_id and p.deleted_at is null and p.erased_at is null
         returning ${columns}`,
        [id],
      );
      return row;
    },
    async profile(userId) {
      const [row] = await database.query<{ lastPictureSync: Date | null; preferences: unknown }>(
        'select last_picture_sync as "lastPictureSync", preferences from users where id = $1',
        [userId],
      );
      return row ?? { lastPictureSync: null, preferences: {} };
    },
    async noteSync(userId) {
      await database.query('update users set last_picture_sync = $2 where id = $1', [
        userId,
        new Date(clock()),
      ]);
    },
  };
}
