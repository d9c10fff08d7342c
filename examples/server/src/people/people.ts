import type { Database } from '../database/database.ts';

interface Person {
  id: string;
  name: string;
  username: string;
  role: 'brand_owner' | 'influencer';
}

/** The demo's cast. Their names are chosen to be hard on initials, sorting and layout. */
export const people: readonly Person[] = [
  { id: 'u1', name: 'Maya Lindqvist', username: 'maya', role: 'influencer' },
  { id: 'u2', name: 'Jonas Okafor', username: 'jonas', role: 'brand_owner' },
  { id: 'u3', name: 'Zoë Ångström', username: 'zoe', role: 'influencer' },
  { id: 'u4', name: '李小龙', username: 'xiaolong', role: 'brand_owner' },
  { id: 'u5', name: 'محمد علي', username: 'mohammed', role: 'influencer' },
  { id: 'u6', name: 'Madonna', username: 'madonna', role: 'influencer' },
  { id: 'u7', name: '👩🏽‍🚀 Priya Raman', username: 'priya', role: 'brand_owner' },
  { id: 'u8', name: 'María-José Carreño Quiñones de la Vega', username: 'majo', role: 'influencer' },
  { id: 'u9', name: 'Дмитрий Соколов', username: 'dmitry', role: 'brand_owner' },
  { id: 'u10', name: 'นภา ศรีสุข', username: 'napha', role: 'influencer' },
];

/** Adds whoever is missing and leaves everyone else as they are. */
export async function seedPeople(database: Database): Promise<void> {
  for (const person of people) {
    await database.query(
      'insert into users (id, name, username, role) values ($1, $2, $3, $4) on conflict do nothing',
      [person.id, person.name, person.username, person.role],
    );
  }
}
