import { checkOffline } from './chat-invariants.ts';
import type { World } from './world.ts';

/** Longest time from the last fault until everything has to be right. */
export const healMs = 120_000;

/** Of users and pictures, once every page has connected anew after the last fault. */
export function checkPictures(world: World): void {
  const { truth } = world.backend;
  for (const page of world.pages()) {
    for (const { live, shown } of page.pictures) {
      const { id, avatar, status, pending } = live.getSnapshot();
      const user = truth.users.get(id);
      const key = user?.avatarKey ?? null;
      const isRight = avatar === null ? key === null : key !== null && avatar.url.includes(`/${key}.webp`);
      const seen = `${avatar?.url ?? 'no picture'} (${status}${pending ? ', pending' : ''})`;
      world.findings.expect(
        isRight && !pending && status === 'ready',
        'I7',
        () =>
          `${page.name} shows ${seen} of ${id}; the backend has ${key ?? 'none'} ` +
          `(version ${user?.avatarVersion}); shown: ${shown.slice(-8).join(' → ')}`,
      );
      if (world.level < 2 || avatar === null) continue;
      world.findings.expect(
        avatar.version === user?.avatarVersion,
        'I7',
        () => `${page.name} shows version ${avatar.version} of ${id}; it is ${user?.avatarVersion}`,
      );
    }
    const { status } = page.client.realtime;
    world.findings.expect(
      status === 'live',
      'I1',
      () => `${page.name} is ${status} long after the last fault`,
    );
  }
}

/** Of every request since the beginning. */
export function checkRequests(world: World): void {
  const { backend, findings } = world;
  for (const { origin, token, headers, path, deviceId } of backend.journal.requests) {
    if (origin === backend.baseUrl) continue;
    findings.expect(
      token === null && !headers.has('authorization') && !headers.has('cookie'),
      'I15',
      () => `${deviceId} sent its token to ${origin}${path}`,
    );
  }
}

const sending = /^\/api\/(?:messages(?:\/send)?|conversations\/[^/]+\/messages)$/;

/** After a 429 no message goes out from that page before its `Retry-After`. */
export function checkRetryAfter(world: World): void {
  const sends = world.backend.journal.requests.filter(
    ({ method, path }) => method === 'POST' && sending.test(path),
  );
  for (const { status, retryAfter, settledAt = 0, deviceId } of sends) {
    if (status !== 429 || !/^\d+$/.test(retryAfter ?? '')) continue;
    const until = settledAt + Number(retryAfter) * 1000;
    const early = sends.find(
      ({ at, deviceId: other }) => other === deviceId && at > settledAt && at < until - 1,
    );
    const isReloaded = world
      .allPages()
      .some(
        ({ device, loadedAt }) => device.deviceId === deviceId && loadedAt > settledAt && loadedAt < until,
      );
    world.findings.expect(
      !early || isReloaded,
      'I10',
      () =>
        `${deviceId} sends again ${Math.round((early?.at ?? 0) - settledAt)} ms after Retry-After: ${retryAfter}`,
    );
  }
}

/** Cheap enough for every step. */
export function checkStep(world: World): void {
  for (const page of world.pages()) {
    for (const picture of page.pictures) picture.look();
    for (const thread of page.threads.values()) thread.look();
    page.inbox.look();
  }
  checkOffline(world);
}
