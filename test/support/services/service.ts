import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 30_000;

/** What runs when this process ends is not left behind, whatever ended it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Account {
  uid: number;
  gid: number;
}

/** One process on loopback with a folder of its own. Ended by its pid, with all it has started. */
export class Service {
  readonly name: string;
  readonly folder: string;
  readonly account: Account | undefined;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(name: string, folder: string, account: Account | undefined) {
    this.name = name;
    this.folder = folder;
    this.account = account;
  }

  /** @param user who runs it when root is who asks; some programs refuse to run as root */
  static async create(name: string, user?: string): Promise<Service> {
    const folder = await mkdtemp(join(tmpdir(), `visavis-${name}-`));
    const account = user !== undefined && process.getuid?.() === 0 ? accountOf(user) : undefined;
    if (account) chownSync(folder, account.uid, account.gid);
    return new Service(name, folder, account);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves once `isReady` is true. */
  async start(
    command: string,
    args: readonly string[],
    { env, isReady }: { env?: Readonly<Record<string, string>>; isReady: () => Promise<boolean> },
  ): Promise<void> {
    this.#output = '';
    const child = spawn(command, args, {
      ...this.account,
      cwd: this.folder,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (this.#output = `${this.#output}${text}`.slice(-4000)));
    const deadline = Date.now() + READY_MS;
    for (;;) {
      if (!this.isRunning) throw new Error(`unable to start ${this.name}; it ended: ${this.#output}`);
      if (await isReady().catch(() => false)) return;
      if (Date.now() > deadline) throw new Error(`unable to start ${this.name}; no answer: ${this.#output}`);
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it, and resolves when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || !this.isRunning) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    // A stopped process cannot hear that it is to end.
    child.kill('SIGCONT');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(impatience);
  }

  async remove(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.end(signal);
    await rm(this.folder, { recursive: true, force: true });
  }
}

function accountOf(user: string): Account {
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: ask('-u'), gid: ask('-g') };
}
