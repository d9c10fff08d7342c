import { z } from 'zod';
import { recordUserChange } from '../chat/changes.ts';
import type { Database } from '../database/database.ts';
import { ApiError } from '../errors.ts';

/** A user as the wire spells it. */
export const profileAnswer = z
  .object({
    id: z.string(),
    display_name: z.string(),
    username: z.string().nullable(),
    avatar_url: z.string().nullable(),
    avatar_thumb_url: z.string().nullable(),
    avatar_version: z.int().min(0).describe('Raised by every change of the picture, a delete too'),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.output<typeof profileAnswer>;

type ProfileRow = Omit<Profile, 'updated_at'> & { updated_at: Date };

export interface Profiles {
  read(userId: string): Promise<Profile>;
  byIds(userIds: readonly string[]): Promise<Map<string, Profile>>;
  /** Those whose name or picture changed since, the latest first; not more than a thousand. */
  changedSince(moment: Date): Promise<Profile[]>;
  rename(userId: string, name: string): Promise<{ profile: Profile; changed: boolean }>;
}

const columns = `id, name as display_name, username, avatar_url, avatar_thumb_url, avatar_version, updated_at`;

export function createProfiles(settings: {
  database: Database;
  clock: () => number;
  pictureUrl: (path: string) => string;
}): Profiles {
  const { database, clock, pictureUrl } = settings;

  async function byIds(userIds: readonly string[]): Promise<Map<string, Profile>> {
    if (userIds.length === 0) return new Map();
    const rows = await database.query<ProfileRow>(`select ${columns} from users where id = any($1)`, [
      userIds,
    ]);
    return new Map(rows.map((row) => [row.id, toProfile(row)]));
  }

  async function changedSince(moment: Date): Promise<Profile[]> {
    const rows = await database.query<ProfileRow>(
      `select ${columns} from users where updated_at >= $1 order by updated_at desc limit 1000`,
      [moment],
    );
    return rows.map(toProfile);
  }

  function toProfile(row: ProfileRow): Profile {
    return {
      ...row,
      avatar_url: row.avatar_url && pictureUrl(row.avatar_url),
      avatar_thumb_url: row.avatar_thumb_url && pictureUrl(row.avatar_thumb_url),
      updated_at: row.updated_at.toISOString(),
    };
  }

  async function read(userId: string): Promise<Profile> {
    const profile = (await byIds([userId])).get(userId);
    if (!profile) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to find the user');
    return profile;
  }

  async function rename(userId: string, name: string): Promise<{ profile: Profile; changed: boolean }> {
    const changed = await database.transaction(async (tx) => {
      const renamed = await tx.query(
        'update users set name = $2, updated_at = $3 where id = $1 and name <> $2 returning id',
        [userId, name, new Date(clock())],
      );
      if (renamed.length > 0) await recordUserChange(tx, userId);
      return renamed.length > 0;
    });
    return { profile: await read(userId), changed };
  }

  return { read, byIds, changedSince, rename };
}
