import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { engineSettings } from './engines.ts';
import { serverFolder } from './server-folder.ts';

const main = fileURLToPath(new URL('../../examples/server/src/main.ts', import.meta.url));

/** The reference server as a process of its own, with data of its own. */
export class ReferenceServer {
  #child: ChildProcess | undefined;
  #folder = '';
  #port = '0';
  readonly #env: Readonly<Record<string, string>>;
  url = '';

  get folder(): string {
    return this.#folder;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  /** Starts, or starts again with the same data on the same port. */
  async start(): Promise<void> {
    this.#folder ||= await serverFolder();
    const child = spawn(process.execPath, [main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: this.#port,
        VISAVIS_DATA: this.#folder,
        VISAVIS_UPLOADS_PER_MINUTE: '10000',
        ...(await engineSettings(this.#folder)),
        ...this.#env,
      },
    });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /visavis is at (\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      this.url = url;
      this.#port = new URL(url).port;
      child.stdout.resume();
      return;
    }
    throw new Error('unable to start the reference server; it ended before it was ready');
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async login(userId: string): Promise<string> {
    const response = await fetch(`${this.url}/dev/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId }),
    });
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null && 'token' in body) return String(body.token);
    throw new Error(`unable to sign in as ${userId}; HTTP ${response.status}`);
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM') {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
