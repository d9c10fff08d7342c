import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import {
  type AvatarUpdated,
  createClient,
  type ProfileUpdated,
  type UserStatement,
} from '../../src/index.ts';
import { api, mockBackend, profileRow } from '../support/backend.ts';
import { FakeClock } from '../support/fake-clock.ts';

const server = mockBackend();
const cdn = 'https://cdn.example.com';

/** A user on screen, of whom the backend says `row`, with or without a version. */
async function onScreen(row: object) {
  let said = row;
  let reads = 0;
  server.use(
    http.get(`${api}/api/users/:id/profile`, ({ params }) => {
      reads += 1;
      return HttpResponse.json(profileRow(String(params.id), said));
    }),
  );
  const clock = new FakeClock();
  const client = createClient({ baseUrl: api, userId: 'me', clock, preload: async () => {} });
  const pictures: AvatarUpdated[] = [];
  const names: ProfileUpdated[] = [];
  client.realtime.on('avatarUpdated', (event) => pictures.push(event));
  client.realtime.on('profileUpdated', (event) => names.push(event));
  const user = client.users.live('u1');
  user.subscribe(() => {});
  while (user.getSnapshot().status !== 'ready') await clock.advance(20);
  return {
    client,
    clock,
    pictures,
    names,
    url: () => user.getSnapshot().avatar?.url ?? null,
    update: (statement: UserStatement) => client.users.update('u1', statement),
    reads: () => reads,
    say: (fields: object) => {
      said = fields;
    },
  };
}

const unversioned = { avatar_version: null, avatar_url: `${cdn}/a.png`, avatar_thumb_url: null };

describe('client.users.update', () => {
  it('[US11] shows a picture everywhere at once and returns it; the backend is asked what holds', async () => {
    const { update, url, clock, reads, say, pictures } = await onScreen(unversioned);
    expect(update({ pictureUrl: `${cdn}/b.png` })?.url).toBe(`${cdn}/b.png`);
    await expect.poll(url).toBe(`${cdn}/b.png`);
    expect(pictures).toMatchObject([{ userId: 'u1', avatar: { url: `${cdn}/b.png` }, origin: 'realtime' }]);
    expect(reads()).toBe(1);
    say({ ...unversioned, avatar_url: `${cdn}/c.png` });
    await clock.advance(1_000);
    await expect.poll(url).toBe(`${cdn}/c.png`);
    expect(reads()).toBe(2);
  });

  it('[US11] leaves what the backend says with a version, until it says otherwise', async () => {
    const { update, url, clock, say } = await onScreen({ avatar_version: 4, avatar_url: `${cdn}/a.png` });
    expect(update({ pictureUrl: `${cdn}/b.png?t=1` })?.url).toBe(`${cdn}/b.png?v=1700000000020`);
    expect(url()).toBe(`${cdn}/a.png?v=4`);
    say({ avatar_version: 5, avatar_url: `${cdn}/b.png` });
    await clock.advance(1_000);
    await expect.poll(url).toBe(`${cdn}/b.png?v=5`);
  });

  it('[US11] takes no picture and names as well', async () => {
    const { update, url, client, names } = await onScreen({ ...unversioned, username: null });
    expect(update({ pictureUrl: null, name: 'Grace Hopper', username: 'grace' })).toBeNull();
    await expect.poll(url).toBeNull();
    expect(client.users.live('u1').getSnapshot()).toMatchObject({ initials: 'GH', username: 'grace' });
    expect(names).toEqual([{ userId: 'u1', name: 'Grace Hopper', username: 'grace', origin: 'realtime' }]);
    expect(update({ name: 'Grace Hopper' })).toBeNull();
    expect(names).toHaveLength(1);
  });

  it.each([
    ['t', `${cdn}/a.png?t=1699999999999`],
    ['cb', `${cdn}/a.png?cb=k3j`],
    ['v', `${cdn}/a.png?v=3`],
    ['nocache', `${cdn}/a.png?nocache=true`],
    ['several', `${cdn}/a.png?t=5&nocache=1&v=2`],
  ])('[US12] knows a picture again whatever a page adds against caches: %s', async (_, pictureUrl) => {
    const { update, pictures, clock } = await onScreen(unversioned);
    const shown = update({ pictureUrl })?.url;
    expect(shown).toMatch(/^https:\/\/cdn\.example\.com\/a\.png\?v=\d{13}$/);
    expect(pictures).toHaveLength(1);
    // What it returned is not another picture, and neither is what the backend calls it.
    expect(update({ pictureUrl: shown, name: 'User u1' })?.url).toBe(shown);
    await clock.advance(1_000);
    expect(pictures).toHaveLength(1);
  });

  it('[US12] keeps the rest of the query, and the thumbnail of the same picture', async () => {
    const { update } = await onScreen({ ...unversioned, avatar_thumb_url: `${cdn}/a-small.png` });
    expect(update({ pictureUrl: `${cdn}/a.png` })).toMatchObject({ thumbUrl: `${cdn}/a-small.png` });
    expect(update({ pictureUrl: '/files/x.png#a', thumbUrl: '/files/y.png' })).toMatchObject({
      url: `${api}/files/x.png#a`,
      thumbUrl: `${api}/files/y.png`,
    });
    expect(update({ pictureUrl: `${cdn}/p?id=7?t=12` })).toMatchObject({
      url: `${cdn}/p?id=7&v=1700000000020`,
      thumbUrl: `${cdn}/p?id=7&v=1700000000020`,
    });
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'data:image/svg+xml,x',
    '//evil.example/x',
    'https://user:pw@e.com/x',
  ])('[US12] refuses %s and changes nothing', async (pictureUrl) => {
    const { update, url, pictures, names } = await onScreen(unversioned);
    expect(() => update({ pictureUrl, name: 'Eve' })).toThrow(TypeError);
    expect(() => update({ pictureUrl: `${cdn}/b.png`, thumbUrl: pictureUrl })).toThrow(TypeError);
    expect([url(), pictures, names]).toEqual([`${cdn}/a.png`, [], []]);
  });

  it('[HT12] throws after dispose', async () => {
    const { update, client } = await onScreen(unversioned);
    client.dispose();
    expect(() => update({ name: 'Ada' })).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });
});

describe('profileUpdated', () => {
  it('[RT13] tells a changed name once, and nothing on the first read', async () => {
    const { client, names, say } = await onScreen({});
    expect(names).toEqual([]);
    say({ display_name: 'Ada Lovelace', username: 'ada' });
    await client.users.get('u1');
    expect(names).toEqual([{ userId: 'u1', name: 'Ada Lovelace', username: 'ada', origin: 'sync' }]);
  });
});
