import { fault, type PictureFault } from './fault.ts';
import type { RenderedPicture } from './render.ts';
import { startWorker } from './worker-file.ts';
import type { RenderRequest, WorkerReply } from './worker-messages.ts';

/** No answer came from the worker and none will; the picture itself is not to blame. */
export class WorkerLost extends Error {}

/** Loading and starting; a slow network is better served by the page than by waiting on. */
const START_MS = 5_000;

/** One worker and at most one job in it. */
export class WorkerClient {
  readonly #url: string | URL | undefined;
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  #ready: Promise<void> | undefined;
  #nextId = 1;

  constructor(url: string | URL | undefined, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when the worker answers; rejects with `WorkerLost` when it cannot be had. */
  start(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = undefined;
  }

  /** An abort or a timeout ends the worker, because a running decode cannot be ended otherwise. */
  async render(request: Omit<RenderRequest, 'id'>, signal: AbortSignal): Promise<RenderedPicture[]> {
    await this.start();
    signal.throwIfAborted();
    const worker = this.#worker;
    if (worker === undefined) throw new WorkerLost('the worker was stopped');
    const id = this.#nextId++;
    try {
      const reply = await ask(worker, { id, ...request }, this.#timeoutMs, signal);
      return unwrap(reply);
    } catch (error) {
      if (signal.aborted || error instanceof WorkerLost) this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    let worker: Worker | undefined;
    try {
      worker = startWorker(this.#url);
      this.#worker = worker;
      await reply(worker, Math.min(START_MS, this.#timeoutMs), (message) => message.kind === 'ready');
    } catch (error) {
      if (this.#worker === worker) this.stop();
      throw error instanceof WorkerLost ? error : new WorkerLost(String(error));
    }
  }
}

function ask(
  worker: Worker,
  request: RenderRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<WorkerReply> {
  const answered = reply(
    worker,
    timeoutMs,
    (message) => message.kind !== 'ready' && message.id === request.id,
    signal,
  );
  worker.postMessage(request);
  return answered;
}

/** The first message that `fits`; settles also on error, timeout and abort, and leaves no listener. */
function reply(
  worker: Worker,
  timeoutMs: number,
  fits: (message: WorkerReply) => boolean,
  signal?: AbortSignal,
): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const lose = (why: string) => (): void => {
      done.abort();
      reject(new WorkerLost(why));
    };
    const timer = setTimeout(lose('it did not answer in time'), timeoutMs);
    const on = { signal: done.signal };
    done.signal.addEventListener('abort', () => clearTimeout(timer));
    worker.addEventListener('error', lose('it failed'), on);
    worker.addEventListener('messageerror', lose('its answer could not be read'), on);
    worker.addEventListener(
      'message',
      ({ data }: MessageEvent<WorkerReply>) => {
        if (!fits(data)) return;
        done.abort();
        resolve(data);
      },
      on,
    );
    signal?.addEventListener(
      'abort',
      () => {
        done.abort();
        reject(signal.reason);
      },
      on,
    );
  });
}

function unwrap(message: WorkerReply): RenderedPicture[] {
  if (message.kind === 'rendered') return message.pictures;
  if (message.kind === 'refused') throw revive(message.fault);
  throw new WorkerLost(message.kind === 'failed' ? message.reason : 'it started twice');
}

function revive({ code, message, details }: PictureFault): Error {
  return fault(code, message, details);
}
