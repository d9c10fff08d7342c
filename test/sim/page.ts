import type { ImageEncoder } from '../../src/avatar/encoder.ts';
import type { VisavisClient } from '../../src/client.ts';
import { FileError } from '../../src/errors.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';
import { wait } from '../../src/lib/wait.ts';
import type { ClientOptions } from '../../src/options.ts';
import { createFakeEncoder } from '../../src/testing/fake-encoder.ts';
import type { FakeBackend, FakeDevice, SeededRandom, VirtualClock } from '../../src/testing/index.ts';
import type { FakeTab } from '../support/fake-browser.ts';
import type { FakeDisk } from './fake-disk.ts';
import type { Findings } from './findings.ts';
import { InboxWatch } from './inbox-watch.ts';
import { PictureWatch } from './picture-watch.ts';
import { RoomWatch } from './room-watch.ts';
import { ThreadWatch } from './thread-watch.ts';

export interface PageSettings {
  readonly name: string;
  readonly createClient: (options: ClientOptions) => VisavisClient;
  readonly backend: FakeBackend;
  readonly device: FakeDevice;
  readonly disk: FakeDisk;
  /** Where the page is a tab of a browser that has several. */
  readonly tab: FakeTab | null;
  /** When somebody was last said to type, by conversation and user; of all pages of the device, those gone too. */
  readonly typingHeard: Map<string, number>;
  /** The pages that are open on the device now. */
  readonly siblings: () => readonly Page[];
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly findings: Findings;
  readonly userIds: readonly string[];
  /** How often a picture cannot be read, a decode or a token refresh fails. */
  readonly trouble: () => number;
}

/** Many times more than the longest run needs. */
const mostRequests = 5_000;

/** One loaded page on a device: a real client whose every way out can be cut at once, as a crash does. */
export class Page {
  readonly name: string;
  readonly device: FakeDevice;
  readonly client: VisavisClient;
  readonly pictures: readonly PictureWatch[];
  readonly keystrokes: { readonly at: number; readonly conversationId: string }[] = [];
  /** Threads that are open on the page. */
  readonly threads = new Map<string, ThreadWatch>();
  readonly inbox: InboxWatch;
  readonly room: RoomWatch;
  readonly #kept = new Map<string, () => void>();
  readonly #marks = new Map<string, number>();
  isAlive = true;
  readonly loadedAt: number;
  readonly #settings: PageSettings;
  readonly #sockets: SocketHandlers[] = [];
  #refreshes = 0;
  #requests = 0;

  constructor(settings: PageSettings) {
    const { backend, device, random, findings, disk } = settings;
    this.#settings = settings;
    this.name = settings.name;
    this.loadedAt = settings.clock.now();
    this.device = device;
    const options: ClientOptions = {
      baseUrl: backend.baseUrl,
      userId: device.userId,
      clock: { now: settings.clock.now, schedule: (callback, ms) => this.#schedule(callback, ms) },
      random: random.fork().next,
      fetch: (input, init) => this.#fetch(input, init),
      putFile: (request) => this.#alive(device.putFile(request)),
      socket: (handlers) => this.#socket(handlers),
      getToken: (request) => this.#token(request.refresh),
      imageEncoder: this.#encoder(),
      preload: () => this.#preload(),
      logger: {
        debug() {},
        warn() {},
        error: (message, detail) => findings.add('I14', `${this.name}: ${message}: ${String(detail)}`),
      },
      storage: disk.open(() => this.isAlive),
      tabPorts: settings.tab?.ports() ?? null,
      newId: random.fork().uuid,
    };
    this.client = settings.createClient(options);
    const where = `${this.name} shows the picture`;
    this.pictures = settings.userIds.map(
      (id) => new PictureWatch(this.client, id, { findings, level: backend.level, where }),
    );
    this.inbox = new InboxWatch(this.client.conversations.live(), `${this.name} in its inbox`, findings);
    this.room = new RoomWatch(this.client);
    this.client.realtime.on('seen', ({ conversationId, userId, seq }) => {
      const before = this.#marks.get(`${conversationId} ${userId}`) ?? 0;
      if (seq === null) return;
      findings.expect(
        seq >= before,
        'I6',
        () => `${this.name} in ${conversationId}: the mark of ${userId} falls from ${before} to ${seq}`,
      );
      this.#marks.set(`${conversationId} ${userId}`, seq);
    });
  }

  openThread(conversationId: string): void {
    if (this.threads.has(conversationId)) return;
    const { backend, findings, device, clock } = this.#settings;
    const watch = new ThreadWatch({
      live: this.client.messages.live(conversationId),
      where: `${this.name} in ${conversationId}`,
      ownId: device.userId,
      backend,
      findings,
      now: clock.now,
      heardTyping: (key) => this.#settings.typingHeard.get(key) ?? 0,
    });
    this.threads.set(conversationId, watch);
  }

  keepSeen(conversationId: string): void {
    if (this.#kept.has(conversationId)) return;
    this.#kept.set(conversationId, this.client.messages.keepSeen(conversationId));
  }

  isKept(conversationId: string): boolean {
    return this.#kept.has(conversationId);
  }

  closeThread(conversationId: string): boolean {
    this.#kept.get(conversationId)?.();
    this.#kept.delete(conversationId);
    this.threads.get(conversationId)?.close();
    return this.threads.delete(conversationId);
  }

  /** Everything that is shown, to see whether it changed. */
  view(): string {
    const lives = [...this.pictures, ...this.threads.values(), this.inbox];
    return JSON.stringify(lives.map(({ live }) => live.getSnapshot()));
  }

  /** Gone from one moment to the next: no code of it runs any more. */
  crash(): void {
    this.isAlive = false;
    this.#settings.tab?.crash();
    for (const { close } of this.#ports) close();
  }

  /** Closed as pages are. */
  close(): void {
    this.client.dispose();
    this.crash();
  }

  /** Hands an event to the client as if the backend had sent it. */
  inject(name: string, payload: unknown): void {
    for (const handlers of this.#sockets) handlers.onEvent(name, payload);
  }

  readonly #ports: { close(): void }[] = [];

  #schedule(callback: () => void, ms: number): () => void {
    return this.#settings.clock.schedule(() => {
      if (this.isAlive) callback();
    }, ms);
  }

  /** A page that asks without end is found out, and gets no more answers. */
  #fetch(...request: Parameters<typeof fetch>): Promise<Response> {
    this.#requests += 1;
    if (this.#requests <= mostRequests) return this.#alive(this.device.fetch(...request));
    this.#settings.findings.add('I10', `${this.name} sent ${mostRequests} requests`);
    return new Promise(() => {});
  }

  #alive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.isAlive && resolve(value),
        (error: unknown) => this.isAlive && reject(error),
      );
    });
  }

  #socket(handlers: SocketHandlers) {
    const { device, findings } = this.#settings;
    const guarded = <Args extends unknown[]>(what: string, handle: (...args: Args) => void) => {
      return (...args: Args) => {
        if (!this.isAlive) return;
        try {
          handle(...args);
        } catch (error) {
          findings.add('I14', `${this.name}: ${what} threw ${String(error)} on ${JSON.stringify(args)}`);
        }
      };
    };
    const safe: SocketHandlers = {
      onOpen: guarded('onOpen', () => handlers.onOpen()),
      onClose: guarded('onClose', (reason: string) => handlers.onClose(reason)),
      onError: guarded('onError', (error: Parameters<SocketHandlers['onError']>[0]) =>
        handlers.onError(error),
      ),
      onEvent: guarded('onEvent', (name: string, payload: unknown) => {
        this.#hear(name, payload);
        handlers.onEvent(name, payload);
      }),
    };
    const port = device.socket(safe);
    this.#sockets.push(safe);
    this.#ports.push(port);
    return {
      ...port,
      request: (...args: Parameters<typeof port.request>) => this.#alive(port.request(...args)),
    };
  }

  /** The last start of each typist in each conversation. */
  #hear(name: string, payload: unknown) {
    if (name !== 'user_typing' && name !== 'typing_status_update') return;
    if (typeof payload !== 'object' || payload === null) return;
    const { conversationId, conversation_id, userId, user_id, isTyping, is_typing } = payload as Record<
      string,
      unknown
    >;
    if (isTyping !== true && is_typing !== true) return;
    const key = `${String(conversationId ?? conversation_id)} ${String(userId ?? user_id)}`;
    this.#settings.typingHeard.set(key, this.#settings.clock.now());
  }

  async #token(refresh: boolean): Promise<string | null> {
    const { device, random, clock, findings, trouble } = this.#settings;
    if (!refresh) return device.getToken({ refresh });
    this.#refreshes += 1;
    const atOnce = this.#settings.siblings().reduce((sum, page) => sum + page.#refreshes, 0);
    findings.expect(atOnce === 1, 'I15', () => `${this.name}: two token refreshes at once`);
    await this.#alive(wait(clock, random.between(20, 500)));
    this.#refreshes -= 1;
    if (random.chance(trouble())) throw new Error('the sign-in service is down');
    return device.getToken({ refresh });
  }

  #encoder(): ImageEncoder {
    const { random, clock, trouble } = this.#settings;
    const encoder = createFakeEncoder();
    return createFakeEncoder({
      compress: async (...args) => {
        await this.#alive(wait(clock, random.between(5, 300)));
        args[3]?.throwIfAborted();
        if (random.chance(trouble())) throw new FileError('FILE_CORRUPT', 'unable to open the picture; …');
        return encoder.compress(...args);
      },
    });
  }

  async #preload(): Promise<void> {
    const { random, clock, trouble } = this.#settings;
    await this.#alive(wait(clock, random.between(0, 300)));
    if (random.chance(trouble())) throw new Error('unable to decode');
  }
}
