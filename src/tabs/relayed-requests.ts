import { NetworkError, TimeoutError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { RelayFault } from '../protocol/tab-messages.ts';
import type { Link } from '../transport/link.ts';
import type { Bus } from './bus.ts';

export interface RelayedRequestsSettings {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Answers what other tabs ask; rejects in a tab that has no connection of its own. */
  readonly answer: Link['request'];
  /** Whether it is this tab that answers. */
  isHost(): boolean;
}

/** Requests that go out by the connection of another tab. */
export interface RelayedRequests {
  readonly send: Link['request'];
  /** That connection is used no more: nobody knows what became of them. Moving it to another tab loses none. */
  lose(connectionLost: boolean): void;
}

export function createRelayedRequests({ bus, clock, ...settings }: RelayedRequestsSettings): RelayedRequests {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let last = 0;

  bus.on('request', async ({ from: to, id, event, timeoutMs }) => {
    if (!settings.isHost()) return;
    try {
      bus.post('answer', { to, id, answer: await settings.answer(event, timeoutMs), fault: null });
    } catch (error) {
      // That it takes too long, the other tab sees by itself.
      if (error instanceof NetworkError) bus.post('answer', { to, id, answer: null, fault: faultOf(error) });
    }
  });
  bus.on('answer', ({ to, id, answer, fault }) => {
    if (to !== bus.id) return;
    if (fault) waiting.get(id)?.reject(lost(fault));
    else waiting.get(id)?.resolve(answer);
  });

  return {
    send(event, timeoutMs) {
      last += 1;
      const id = last;
      const answered = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      const cancel = clock.schedule(() => {
        const why = `unable to send ${event.name}; no answer within ${timeoutMs} ms`;
        waiting.get(id)?.reject(new TimeoutError(why, timeoutMs));
      }, timeoutMs);
      bus.post('request', { id, event, timeoutMs });
      return answered.finally(() => {
        cancel();
        waiting.delete(id);
      });
    },
    lose(connectionLost) {
      for (const { reject } of waiting.values()) reject(lost({ bodyLeft: true, connectionLost }));
    },
  };
}

const lost = (fault: RelayFault) =>
  new NetworkError('unable to send; the connection of another tab was lost', fault);

const faultOf = ({ bodyLeft, connectionLost }: NetworkError): RelayFault => ({ bodyLeft, connectionLost });
