import * as z from 'zod/mini';
import type { EventParser } from './route.ts';
import { id, parse } from './schemas.ts';
import {
  avatarFields,
  avatarRowFact,
  noAvatarFact,
  profileFacts,
  profileRow,
  stampFields,
} from './user-rows.ts';

const avatarUpdated = z.object({ userId: id, ...avatarFields });
const avatarDeleted = z.object({ userId: id, ...stampFields });
const profileUpdated = z.object({ ...profileRow.shape, id: z.optional(id), userId: id });

/** What backends tell live of pictures and people. */
export const userEvents: Readonly<Record<string, EventParser>> = {
  'user:avatar:updated': (payload, context) => {
    const row = parse(avatarUpdated, payload, 'read user:avatar:updated');
    return [{ ...avatarRowFact(row.userId, row, context), changedAt: context.at }];
  },
  'user:avatar:deleted': (payload, context) => {
    const row = parse(avatarDeleted, payload, 'read user:avatar:deleted');
    return [noAvatarFact(row.userId, row, context)];
  },
  'user:profile:updated': (payload, context) => {
    const row = parse(profileUpdated, payload, 'read user:profile:updated');
    return profileFacts(row.userId, row, context).map((fact) =>
      fact.kind === 'avatar' ? { ...fact, changedAt: context.at } : fact,
    );
  },
};
