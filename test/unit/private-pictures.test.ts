import { afterEach, expect, it, vi } from 'vitest';
import { HttpError } from '../../src/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Avatar } from '../../src/models.ts';
import type { Http } from '../../src/transport/http.ts';
import { privatePictures } from '../../src/users/private-pictures.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const baseUrl = 'https://api.example.com';
const avatar = (name: string): Avatar => ({
  url: `${baseUrl}/${name}`,
  thumbUrl: `${baseUrl}/${name}`,
  version: null,
});

afterEach(() => vi.restoreAllMocks());

/** Pictures over requests that the test answers; what is made and given back again is counted. */
function open() {
  const clock = new FakeClock();
  const requests: { path: string; answer(picture: Blob): void; fail(error: Error): void }[] = [];
  const addresses = new Set<string>();
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
    const address = `blob:${addresses.size}-${requests.length}`;
    addresses.add(address);
    return address;
  });
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((address) => void addresses.delete(address));
  const call: Http['call'] = (route, input) =>
    new Promise<never>((resolve, reject) => {
      requests.push({
        path: route.path(input),
        answer: (picture) => resolve(picture as never),
        fail: reject,
      });
    });
  const pictures = privatePictures({
    http: { call },
    baseUrl,
    clock,
    random: () => 0.5,
    logger: silentLogger,
    onReady: () => {},
  });
  const show = (name: string | null) => pictures.local('u1', name === null ? null : avatar(name), false);
  return { clock, requests, addresses, show };
}

const unreachable = new HttpError('unable to load the picture', { status: 503 });
const gone = new HttpError('unable to load the picture', { status: 404 });

it('[PS4] show when the backend is there again, though it was not at first', async () => {
  const { clock, requests, show } = open();
  expect(show('a')).toBeUndefined();
  requests[0]?.fail(unreachable);
  await settle();
  expect(show('a')).toBeNull();
  await clock.advance(10_000);
  expect(requests).toHaveLength(2);
  requests[1]?.answer(new Blob());
  await settle();
  expect(show('a')?.url).toMatch(/^blob:/);
});

it('[PS4] are not asked for again when there is no such picture, or nobody shows it any more', async () => {
  const { clock, requests, show } = open();
  show('a');
  requests[0]?.fail(gone);
  await settle();
  await clock.advance(120_000);
  expect(requests).toHaveLength(1);
  show('b');
  requests[1]?.fail(unreachable);
  await settle();
  show(null);
  await clock.advance(120_000);
  expect(requests).toHaveLength(2);
});

it('[PS4] keep no address of a picture that was taken away and came back while it was loaded', async () => {
  const { clock, requests, addresses, show } = open();
  show('a');
  show(null);
  show('a');
  for (const { answer } of requests) answer(new Blob());
  await settle();
  expect(requests).toHaveLength(2);
  expect(addresses.size).toBe(1);
  show(null);
  await clock.advance(2_000);
  expect(addresses.size).toBe(0);
});
