import type { FastifyBaseLogger } from 'fastify';
import type { z } from 'zod';
import type { Background } from '../background.ts';
import { type ApiError, toApiError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { RateLimitedError } from '../nodes/rate-limit.ts';
import type { UserSocket } from '../realtime.ts';

export interface Outcome {
  /** Goes into the ack, beside `ok: true`. */
  answer?: Record<string, unknown>;
  /** Runs after the ack. */
  announce?: () => void;
}

export type Command = <Schema extends z.ZodType>(
  name: string,
  payload: Schema,
  run: (payload: z.output<Schema>) => Outcome | Promise<Outcome>,
  refused?: (error: ApiError, sent: unknown) => void,
) => void;

const MOST_WAITING = 1000;

const queues = new WeakMap<UserSocket, (() => Promise<void>)[]>();

/** Resolves when what the socket has asked for so far has been answered. */
export async function answered(socket: UserSocket): Promise<void> {
  await Promise.all((queues.get(socket) ?? []).map((last) => last()));
}

/**
 * Takes one socket's commands one after another, so that what was sent first happens first, and gives each one answer.
 * Whatever a command brings or throws ends there.
 */
export function createCommands(
  socket: UserSocket,
  {
    background,
    metrics,
    log,
  }: { background: Background; metrics: Metrics | undefined; log: FastifyBaseLogger },
): Command {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  queues.set(socket, [...(queues.get(socket) ?? []), () => last]);

  return (name, payload, run, refused) => {
    socket.on(name, (...sent: unknown[]) => {
      const callback = sent.at(-1);
      const answer = (result: Record<string, unknown>) =>
        typeof callback === 'function' ? callback(result) : undefined;
      if (waiting >= MOST_WAITING) {
        return answer({ ok: false, code: 'TOO_MANY_EVENTS', error: 'unable to keep up; send less at once' });
      }

      const begun = performance.now();
      const report = (error: unknown) => log.error({ err: error, command: name }, 'command failed');
      const observe = (outcome: string) => metrics?.observeCommand(name, outcome, performance.now() - begun);

      async function obey(): Promise<void> {
        const value = typeof sent[0] === 'function' ? undefined : sent[0];
        let outcome: Outcome;
        try {
          outcome = await run(payload.parse(value));
        } catch (thrown) {
          const error = toApiError(thrown);
          if (error.status >= 500) report(thrown);
          answer(refusalOf(error));
          observe(error.code);
          return refused?.(error, value);
        }
        answer({ ok: true, ...outcome.answer });
        observe('ok');
        outcome.announce?.();
      }

      waiting += 1;
      last = last
        .then(obey)
        .catch(report)
        .finally(() => {
          waiting -= 1;
        });
      const mine = last;
      background.run(() => mine);
    });
  };
}

/** On a socket a conversation one is not in and one that does not exist are the same refusal. */
export function codeOf(error: ApiError): string {
  return error.code === 'CONVERSATION_NOT_FOUND' ? 'FORBIDDEN' : error.code;
}

function refusalOf(error: ApiError): Record<string, unknown> {
  const wait = error instanceof RateLimitedError ? { retry_after_ms: error.retryAfterMs } : {};
  return { ok: false, code: codeOf(error), error: error.message, ...wait };
}
