import { createClient, type VisavisClient } from '../../src/index.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';

/** A client in a page, whose backend is this object: profiles by id, and live events. */
export class PageClient {
  readonly profiles = new Map<string, object>();
  readonly reads: string[] = [];
  readonly requests: string[] = [];
  #handlers: SocketHandlers | undefined;
  /** Answers what is no read of a profile. */
  answer: (path: string) => Response | Promise<Response> = () => new Response('{}', { status: 404 });
  readonly client: VisavisClient;

  constructor(userId: string | number = 'me') {
    this.client = createClient({
      baseUrl: 'https://api.example.com',
      userId,
      fetch: async (input, init) => this.#answer(new Request(input, init)),
      putFile: async ({ blob, onProgress }) => onProgress(blob.size),
      socket: (handlers) => {
        this.#handlers = handlers;
        return { open: () => handlers.onOpen(), close() {}, emit() {}, request: () => new Promise(() => {}) };
      },
    });
  }

  /** The backend says so from now on, live. */
  change(userId: string, fields: object): void {
    this.profiles.set(userId, { ...this.profiles.get(userId), ...fields });
    this.#handlers?.onEvent('user:profile:updated', { userId, ...fields });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const id = decodeURIComponent(/^\/api\/users\/([^/]+)\/profile$/.exec(pathname)?.[1] ?? '');
    const row = this.profiles.get(id);
    if (id !== '') this.reads.push(id);
    if (row) return Response.json({ id, display_name: null, username: null, avatar_url: null, ...row });
    this.requests.push(`${request.method} ${pathname}`);
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason));
    });
    return Promise.race([this.answer(pathname), aborted]);
  }
}

/** A square of one colour as a picture's address; 256 pixels a side unless said otherwise. */
export function square(color: string, size = 256): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no canvas');
  context.fillStyle = color;
  context.fillRect(0, 0, size, size);
  return canvas.toDataURL('image/png');
}
