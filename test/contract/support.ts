import { expect, onTestFinished } from 'vitest';
import { createClient, type VisavisClient } from '../../src/client.ts';
import { UploadError, VisavisError } from '../../src/errors.ts';
import type { UserSnapshot } from '../../src/models.ts';
import type { ClientOptions } from '../../src/options.ts';
import type { Preset } from '../../src/presets/preset.ts';
import { type ServerOptions, signIn, startServer } from '../server/support.ts';
import type { LiteralServer } from '../support/literal/literal-server.ts';
import { sharpEncoder } from '../support/sharp-encoder.ts';

/** A backend that a contract runs against, with two people who know each other. */
export interface Backend {
  readonly name: string;
  readonly url: string;
  readonly me: string;
  readonly other: string;
  token(userId: string): Promise<string>;
}

/** Where a contract runs: the reference server, and the literal server of that system. */
export type Target = readonly [name: string, start: () => Promise<Backend>];

export function targets(startLiteral: () => Promise<LiteralServer>, options?: ServerOptions): Target[] {
  return [
    ['the literal server', async () => literal(await startLiteral())],
    ['the reference server', () => reference(options)],
  ];
}

export function literal(server: LiteralServer): Backend {
  onTestFinished(() => server.close());
  return {
    name: 'literal',
    url: server.url,
    me: '1',
    other: '2',
    token: async (userId) => server.issue(Number(userId)),
  };
}

export async function reference(options?: ServerOptions): Promise<Backend> {
  const server = await startServer(options);
  onTestFinished(() => server.stop());
  return referenceBackend(server);
}

export function referenceBackend(server: { readonly url: string }): Backend {
  return {
    name: 'reference',
    url: server.url,
    me: 'u1',
    other: 'u2',
    token: (userId) => signIn(server, userId),
  };
}

/** An SDK client of a person, and its requests so far. */
export interface Seat {
  readonly client: VisavisClient;
  readonly requests: string[];
}

export async function join(
  backend: Backend,
  userId: string,
  options: Partial<ClientOptions> & { readonly preset: Preset },
): Promise<Seat> {
  const requests: string[] = [];
  const token = await backend.token(userId);
  const client = createClient({
    baseUrl: backend.url,
    userId,
    getToken: () => token,
    imageEncoder: sharpEncoder(options.preset.picture),
    random: () => 0,
    preload: async () => {},
    fetch(input, init) {
      const { pathname, search } = new URL(String(input));
      requests.push(`${init?.method} ${pathname}${search}`);
      return fetch(input, init);
    },
    ...options,
  });
  onTestFinished(() => client.dispose());
  return { client, requests };
}

/** Connects, and waits until nothing is missed any more. */
export async function goLive({ client }: Seat): Promise<void> {
  client.realtime.connect();
  await expect.poll(() => client.realtime.status, patience).toBe('live');
}

/** Looks at a user, as a page does; tells what is shown now. */
export function watch({ client }: Seat, userId: string): () => UserSnapshot {
  const live = client.users.live(userId);
  onTestFinished(live.subscribe(() => {}));
  return live.getSnapshot;
}

/** A token that has expired, and a good one for who asks anew. */
export async function expired(backend: Backend) {
  let token = 'expired';
  let refreshes = 0;
  const fresh = await backend.token(backend.me);
  return {
    refreshes: () => refreshes,
    getToken({ refresh }: { readonly refresh: boolean }) {
      if (refresh) {
        refreshes += 1;
        token = fresh;
      }
      return token;
    },
  };
}

export const patience = { timeout: 10_000, interval: 10 };

export async function failure(promise: Promise<unknown>): Promise<VisavisError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VisavisError) return error;
  throw new Error(`it was expected to fail with an error of ours, not ${String(error)}`);
}

/** The code of the step that failed. */
export async function cause(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(UploadError);
  return error.cause instanceof VisavisError ? error.cause.code : undefined;
}
