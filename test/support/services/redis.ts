import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from './free-port.ts';
import { findProgram } from './program.ts';
import { Service } from './service.ts';

/** A Redis server of our own that keeps nothing on disk. */
export class Redis {
  readonly port: number;
  readonly #service: Service;

  private constructor(service: Service, port: number) {
    this.#service = service;
    this.port = port;
  }

  static async start(): Promise<Redis> {
    const redis = new Redis(await Service.create('redis'), await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#service.pid;
  }

  get isRunning(): boolean {
    return this.#service.isRunning;
  }

  /** Starts, or starts again, empty, on the same port. */
  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    await this.#service.start(findProgram('redis-server', 'redis-server'), args, {
      isReady: async () => (await this.#ask('PING')).startsWith('+PONG'),
    });
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#service.end('SIGKILL');
  }

  /** It holds its connections and answers nothing, until {@link resume}. */
  pause(): void {
    this.#service.signal('SIGSTOP');
  }

  resume(): void {
    this.#service.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#service.remove();
  }

  async #ask(command: string): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      socket.write(`${command}\r\n`);
      const [answer] = await once(socket, 'data');
      return String(answer);
    } finally {
      socket.destroy();
    }
  }
}
