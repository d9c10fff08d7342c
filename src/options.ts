import type { ImageEncoder, PictureOptions } from './avatar/encoder.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';
import type { SocketFactory } from './lib/socket-port.ts';
import type { Preset } from './presets/preset.ts';
import type { ChatPreset } from './protocol/chat-preset.ts';
import type { DehydratedState } from './protocol/dehydrated.ts';
import type { OutboxStorage } from './storage/storage.ts';
import type { TabPorts } from './tabs/ports.ts';
import type { GetToken } from './transport/auth.ts';
import type { PutFile } from './transport/put.ts';
import type { SocketOptions } from './transport/socket.ts';
import type { PreloadPicture } from './users/preload.ts';

/** Options of a client without the chat. Everything that reaches outside can be replaced. */
export interface AvatarClientOptions {
  /** Where the backend is: an absolute address, or one relative to the page (`/`). */
  readonly baseUrl: string;
  /** The signed-in user. */
  readonly userId: string | number;
  /**
   * Gives the bearer token. Asked anew for every attempt, and with `refresh: true` once after the backend refused the
   * last one. Leave out for cookie sessions.
   */
  readonly getToken?: GetToken;
  /** How the backend speaks of pictures and people. Default `presigned`. */
  readonly preset?: Preset;
  /** Options of the Socket.IO connection, or another transport. */
  readonly socket?: SocketOptions | SocketFactory;
  /** Size, quality and limits of pictures; what is left out is the preset's. */
  readonly pictures?: PictureOptions;
  /** Headers sent with every request to the backend; never to a storage host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether cookies go along (Fetch, 2.2.5). Default `same-origin`. */
  readonly credentials?: RequestCredentials;
  /** Milliseconds until a request counts as unanswered. Default 15,000. */
  readonly timeoutMs?: number;
  /** Milliseconds without progress until sending a picture counts as stalled. Default 20,000. */
  readonly stallMs?: number;
  /** Reads and encodes picture files. Default: our own, loaded on first use. */
  readonly imageEncoder?: ImageEncoder;
  /** Sends requests. Default: the page's own, and XMLHttpRequest for pictures to the backend, for its progress. */
  readonly fetch?: typeof fetch;
  /** Sends pictures to the storage host. Default: XMLHttpRequest, for its progress; `fetch` where there is none. */
  readonly putFile?: PutFile;
  /** Resolves when a picture can be shown without a flash. Default: decodes it. */
  readonly preload?: PreloadPicture;
  /** What another client of the same user held: shown at once, read again when it is used. */
  readonly hydrate?: DehydratedState | undefined;
  /**
   * Whether the tabs of a browser share one connection. Default `true`. With `false` every tab has its own; pictures,
   * messages and marks still pass between the tabs, and one of them still sends for all.
   */
  readonly tabs?: boolean;
  /** How the tabs find each other; `null` for tabs that know nothing of each other. Default: what the page offers. */
  readonly tabPorts?: TabPorts | null;
  readonly clock?: Clock;
  /** From 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** Options of {@link createClient}. */
export interface ClientOptions extends AvatarClientOptions {
  /** How the backend speaks of conversations. Default `chat`. */
  readonly chat?: ChatPreset;
  /** What must survive a reload. Default: IndexedDB, else memory. */
  readonly storage?: OutboxStorage;
  /** Makes the client ids of messages: UUIDv4. Default `crypto.randomUUID`. */
  readonly newId?: () => string;
}

/** `baseUrl` as an absolute address without a trailing slash. */
export function resolveBaseUrl(baseUrl: unknown): string {
  const page: unknown = Reflect.get(globalThis, 'location');
  const base = page && typeof page === 'object' && 'href' in page ? String(page.href) : undefined;
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl, base)) {
    throw new TypeError(`unable to create the client; baseUrl "${String(baseUrl)}" is not an address`);
  }
  const url = new URL(baseUrl, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError(`unable to create the client; baseUrl must be https: or http:, not ${url.protocol}`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
