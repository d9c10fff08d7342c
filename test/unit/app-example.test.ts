import { expect, test } from 'vitest';
import { createClient } from '../../src/index.ts';
import { createFakeBackend, createVirtualClock } from '../../src/testing/index.ts';

test('the title counts what came while the phone was in a tunnel', async () => {
  const clock = createVirtualClock();
  const conversations = [{ id: 'c1', members: ['maya', 'jonas'] }] as const;
  const backend = createFakeBackend({ clock, users: [{ id: 'maya' }, { id: 'jonas' }], conversations });
  const phone = backend.device('maya');
  const client = createClient(phone.options);
  let title = 'Inbox'; // your app
  client.realtime.on('unread', ({ totalUnread }) => (title = `(${totalUnread}) Inbox`));
  client.conversations.live().subscribe(() => {});
  client.realtime.connect();

  phone.line.goOffline();
  backend.person('jonas').send('c1', 'where are you?');
  await clock.advance(60_000);
  expect(title).toBe('Inbox');
  phone.line.goOnline();
  await clock.advance(60_000);
  expect(title).toBe('(1) Inbox');
});
