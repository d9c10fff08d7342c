import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { profileRow } from './backend.ts';

/** A real backend in one process: profiles over HTTP and a Socket.IO server, on a port of its own. */
export class LiveServer {
  readonly profiles = new Map<string, object>();
  readonly reads: string[] = [];
  /** Tokens that are let in; `null` lets everyone in. */
  accepted: ReadonlySet<string> | null = null;
  readonly handshakes: unknown[] = [];
  #port = 0;
  #http = createServer();
  #io = new Server();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#http = createServer((request, response) => this.#answer(request, response));
    this.#io = new Server(this.#http);
    this.#io.use((socket, next) => {
      const { token } = socket.handshake.auth;
      this.handshakes.push(token);
      const welcome = this.accepted === null || this.accepted.has(String(token));
      next(
        welcome ? undefined : Object.assign(new Error('unauthorized'), { data: { code: 'UNAUTHORIZED' } }),
      );
    });
    await new Promise<void>((resolve) => this.#http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.#io.close();
    this.#http.closeAllConnections();
  }

  emit(name: string, ...payload: unknown[]): void {
    this.#io.emit(name, ...payload);
  }

  kick(): void {
    this.#io.disconnectSockets(true);
  }

  get sockets(): number {
    return this.#io.of('/').sockets.size;
  }

  #answer(request: IncomingMessage, response: ServerResponse) {
    const id = decodeURIComponent(/^\/api\/users\/([^/]+)\/profile$/.exec(request.url ?? '')?.[1] ?? '');
    this.reads.push(id);
    response.setHeader('content-type', 'application/json');
    const row = this.profiles.get(id);
    response.statusCode = row ? 200 : 404;
    response.end(JSON.stringify(row ? profileRow(id, row) : { error: 'no such user' }));
  }
}
