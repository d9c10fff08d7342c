import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Packed } from './pack.ts';

const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };
const shipped = ['visavis.global', 'picture', 'worker'];

/** Pages with the packed script-tag file, all under one strict content security policy. */
export class ScriptServer {
  readonly #packed: Packed;
  policy: string;
  /** By path. */
  readonly files: Record<string, string>;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  /** Answers what is no file. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => {
    response.statusCode = 404;
    response.end();
  };

  constructor(packed: Packed, policy: string, files: Record<string, string>) {
    this.#packed = packed;
    this.policy = policy;
    this.files = files;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '', this.url);
    const name = pathname.slice(1).replace(/\.js$/, '');
    const text = shipped.includes(name) ? this.#packed.read(`dist/${name}.js`) : this.files[pathname];
    response.setHeader('content-security-policy', this.policy);
    if (text === undefined) return this.answer(request, response);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', types[pathname.split('.').at(-1) ?? ''] ?? 'text/plain');
    response.end(text);
  }
}
