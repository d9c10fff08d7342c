import type { Database } from './database.ts';
import { ApiError } from './errors.ts';

interface ProfileRow {
  id: string;
  display_name: string;
  username: string | null;
  avatar_url: string | null;
  avatar_thumb_url: string | null;
  avatar_version: number;
  updated_at: Date;
}

/** A user as the wire spells it. */
export interface Profile extends Omit<ProfileRow, 'updated_at'> {
  updated_at: string;
}

export interface Profiles {
  read(userId: string): Promise<Profile>;
  rename(userId: string, name: string): Promise<{ profile: Profile; changed: boolean }>;
}

const columns = `id, name as display_name, username, avatar_url, avatar_thumb_url, avatar_version, updated_at`;

export function createProfiles(settings: {
  database: Database;
  clock: () => number;
  pictureUrl: (path: string) => string;
}): Profiles {
  const { database, clock, pictureUrl } = settings;

  async function read(userId: string): Promise<Profile> {
    const [row] = await database.query<ProfileRow>(`select ${columns} from users where id = $1`, [userId]);
    if (!row) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to find the user');
    return {
      ...row,
      avatar_url: row.avatar_url && pictureUrl(row.avatar_url),
      avatar_thumb_url: row.avatar_thumb_url && pictureUrl(row.avatar_thumb_url),
      updated_at: row.updated_at.toISOString(),
    };
  }

  async function rename(userId: string, name: string): Promise<{ profile: Profile; changed: boolean }> {
    const changed = await database.query(
      'update users set name = $2, updated_at = $3 where id = $1 and name <> $2 returning id',
      [userId, name, new Date(clock())],
    );
    return { profile: await read(userId), changed: changed.length > 0 };
  }

  return { read, rename };
}
