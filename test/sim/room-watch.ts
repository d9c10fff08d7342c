import type { VisavisClient } from '../../src/client.ts';

/** An event that no preset knows, told in the room of a bid. */
export const bidEvent = 'request_update';
export const bidId = '7';

/** One page's place in a room beside its conversations. */
export class RoomWatch {
  readonly #client: VisavisClient;
  readonly #heard = new Map<number, number>();
  #leave: (() => void) | null = null;

  constructor(client: VisavisClient) {
    this.#client = client;
    client.realtime.onRaw(bidEvent, (payload) => {
      const number = Number(Reflect.get(Object(payload), 'number'));
      this.#heard.set(number, this.heard(number) + 1);
    });
  }

  get isJoined(): boolean {
    return this.#leave !== null;
  }

  join(): void {
    this.#leave ??= this.#client.realtime.joinRoom('bid', bidId);
  }

  leave(): boolean {
    const leave = this.#leave;
    this.#leave = null;
    leave?.();
    return leave !== null;
  }

  /** How often this announcement was heard. */
  heard(number: number): number {
    return this.#heard.get(number) ?? 0;
  }

  /** How many announcements were heard, and how many the client counted. */
  counts(): readonly [heard: number, counted: number] {
    const heard = [...this.#heard.values()].reduce((sum, times) => sum + times, 0);
    return [heard, this.#client.realtime.unknownEvents[bidEvent] ?? 0];
  }
}
