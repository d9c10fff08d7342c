import { expect } from 'vitest';
import type { Deployment } from './deployment.ts';
import type { Member } from './member.ts';

/** What is said to be right within 60 seconds of the end of the last fault. */
const HEAL_MS = 60_000;

interface Row {
  id: string;
  conversation_id: string;
  sender_id: string;
  client_id: string;
}

/** Statements that find what must not be, by the promise that it would break. */
const wrongs: Readonly<Record<string, string>> = {
  'I2: messages there twice': `
    select sender_id, client_id from messages group by sender_id, client_id having count(*) > 1`,
  'I4: conversations whose numbers have holes': `
    select id from conversations c where last_seq <> (select count(*) from messages where conversation_id = c.id)
      or last_seq <> (select coalesce(max(seq), 0) from messages where conversation_id = c.id)`,
  'I5: wrong unread counts': `
    select user_id from conversation_members m where unread <> (
      select count(*) from messages
      where conversation_id = m.conversation_id and seq > m.read_seq and sender_id <> m.user_id)`,
  'I6: marks past the last message': `
    select user_id from conversation_members m join conversations c on c.id = m.conversation_id
    where read_seq > last_seq`,
  'I7: pictures that are not the latest': `
    select id from users where picture_id is not null
      and avatar_version < (select max(version) from pictures where user_id = users.id)`,
  'feeds with holes': `
    select user_id from feeds f where last_change <> (select count(*) from changes where user_id = f.user_id)`,
};

/** Waits until everybody shows what the database holds, then asks it for every promise; prints what was counted. */
export async function expectWhole(
  deployment: Deployment,
  members: readonly Member[],
  after: string,
): Promise<void> {
  const begun = performance.now();
  const options = { timeout: HEAL_MS, interval: 500 };
  await expect.poll(() => differences(deployment, members), options).toEqual([]);
  const healedMs = Math.round(performance.now() - begun);

  for (const [promise, sql] of Object.entries(wrongs)) {
    expect([promise, await deployment.query(sql)]).toEqual([promise, []]);
  }
  const rows = await messagesOf(deployment);
  for (const { userId, issued, confirmed, faults } of members) {
    const stored = rows.filter(({ sender_id }) => sender_id === userId).map(({ client_id }) => client_id);
    expect([userId, 'wrote', stored]).toEqual([userId, 'wrote', issued]);
    expect([userId, 'confirmed', [...confirmed].sort()]).toEqual([userId, 'confirmed', [...issued].sort()]);
    expect([userId, faults]).toEqual([userId, []]);
  }

  for (const { client, conversationId } of members) client.messages.markSeen(conversationId);
  const unread = () => deployment.query('select user_id from conversation_members where unread > 0');
  await expect.poll(unread, options).toEqual([]);
  await expect
    .poll(() => members.map(({ thread }) => thread.getSnapshot().unread).filter(Boolean))
    .toEqual([]);

  const count = (pick: (member: Member) => number) => members.reduce((sum, one) => sum + pick(one), 0);
  console.log(
    `${after}: ${count(({ issued }) => issued.length)} written by ${members.length} clients, ` +
      `${count(({ confirmed }) => confirmed.size)} confirmed, ${rows.length} rows, 0 doubled, 0 lost; ` +
      `all equal ${healedMs} ms after the last one was written`,
  );
}

async function messagesOf(deployment: Deployment): Promise<Row[]> {
  return deployment.query(
    'select id, conversation_id, sender_id, client_id from messages order by conversation_id, seq',
  );
}

/** Who shows something else than the database holds (I1, I5, I7). */
async function differences(deployment: Deployment, members: readonly Member[]): Promise<string[]> {
  const rows = await messagesOf(deployment);
  const marks = await deployment.query<{ user_id: string; unread: number }>(
    'select user_id, unread from conversation_members',
  );
  const users = await deployment.query<{ id: string; avatar_version: number }>(
    'select id, avatar_version from users where avatar_url is not null',
  );
  return members.flatMap(({ userId, otherId, conversationId, client, thread }) => {
    const { items, unread } = thread.getSnapshot();
    const shown = items.map((item) =>
      item.kind === 'gap' ? 'a gap' : (item.id ?? `${item.status} ${item.text}`),
    );
    const held = rows.filter((row) => row.conversation_id === conversationId).map(({ id }) => id);
    const latest = held.slice(-Math.max(shown.length, 1));
    const counted = marks.find((row) => row.user_id === userId)?.unread;
    const version = users.find(({ id }) => id === otherId)?.avatar_version ?? null;
    const face = client.users.live(otherId).getSnapshot().avatar?.version ?? null;
    return [
      ...(latest.join() === shown.join()
        ? []
        : [`${userId} shows ${shown.length} messages of ${held.length}`]),
      ...(unread === counted ? [] : [`${userId} counts ${unread} unread instead of ${counted}`]),
      ...(face === version ? [] : [`${userId} shows picture ${face} of ${otherId} instead of ${version}`]),
    ];
  });
}
