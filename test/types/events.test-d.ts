import { type Avatar, createClient, type UserSnapshot, type VisavisError } from '../../src/index.ts';

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
const { realtime } = client;

// Payloads are typed by the event's name.
realtime.on('avatarUpdated', (event) => {
  same<typeof event.userId, string>(true);
  same<typeof event.avatar, Avatar | null>(true);
  same<typeof event.previous, Avatar | null>(true);
  same<typeof event.origin, 'self' | 'realtime' | 'sync'>(true);
  // @ts-expect-error facts are not changed by a listener
  event.userId = 'u2';
});
realtime.once('statusChanged', ({ status, previous, reason }) => {
  same<typeof status, 'offline' | 'connecting' | 'syncing' | 'live' | 'stale'>(true);
  same<typeof previous, typeof status>(true);
  same<typeof reason, string>(true);
});
realtime.on('protocolError', ({ event, error }) => {
  same<typeof event, string>(true);
  same<typeof error, VisavisError>(true);
});
realtime.on('signedOut', ({ reason }) => same<typeof reason, 'unauthorized' | 'signedOut'>(true));

// Every subscription returns its undo.
same<ReturnType<typeof realtime.on>, () => void>(true);
same<ReturnType<typeof realtime.once>, () => void>(true);

// @ts-expect-error no such event
realtime.on('avatarChanged', () => {});
// @ts-expect-error names of the wire stay on the wire
realtime.on('user:avatar:updated', () => {});
// @ts-expect-error no such field in this event
realtime.on('avatarUpdated', ({ status }) => status);
// @ts-expect-error a listener takes the event that was named
realtime.on('avatarUpdated', (event: { status: string }) => event.status);
// @ts-expect-error a listener is needed
realtime.on('avatarUpdated');
// @ts-expect-error only the client emits
realtime.emit('avatarUpdated', {});

// Live values are read, never written.
const me = client.users.live(1);
same<ReturnType<typeof me.getSnapshot>, UserSnapshot>(true);
// @ts-expect-error snapshots are frozen
me.getSnapshot().name = 'x';
// @ts-expect-error a picture may be missing
me.getSnapshot().avatar.url;
