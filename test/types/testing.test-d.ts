import { createAvatarClient } from '../../src/avatar-only.ts';
import { createClient } from '../../src/index.ts';
import { createFakeBackend, createRandom, createVirtualClock } from '../../src/testing/index.ts';

const clock = createVirtualClock();
const backend = createFakeBackend({
  clock,
  random: createRandom(7),
  users: [{ id: 'u1', name: 'Maya' }, { id: 'u2' }],
  conversations: [{ id: 'c1', members: ['u1', 'u2'] }],
});

// A device's options make either kind of client, alone or with some of them replaced.
createClient(backend.device('u1').options);
createAvatarClient({ ...backend.device('u1', 'phone').options, timeoutMs: 1_000 });

const messageId: string = backend.person('u2').send('c1', 'hi');
messageId.toUpperCase();

// @ts-expect-error A conversation has two members.
createFakeBackend({ users: [], conversations: [{ id: 'c1', members: ['u1'] }] });
