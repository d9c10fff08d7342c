import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { findProgram } from './program.ts';
import { Service } from './service.ts';

const user = 'visavis';

/** A PostgreSQL server of our own, with an empty cluster, or as the standby of another. */
export class Postgres {
  readonly port: number;
  readonly #service: Service;
  readonly #settings: readonly string[];

  private constructor(service: Service, port: number, settings: readonly string[]) {
    this.#service = service;
    this.port = port;
    this.#settings = settings;
  }

  /** @param settings as `postgresql.conf` spells them, `fsync=off` for example */
  static async start(settings: readonly string[] = []): Promise<Postgres> {
    const initdb = findProgram('initdb', 'postgresql');
    const service = await Service.create('postgres', 'postgres');
    const options = ['-U', user, '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    execFileSync(initdb, ['-D', join(service.folder, 'data'), ...options], {
      ...service.account,
      cwd: service.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const postgres = new Postgres(service, await freePort(), settings);
    await postgres.start();
    return postgres;
  }

  /** A standby that follows this server and refuses writes until it is promoted. */
  async standby(settings: readonly string[] = []): Promise<Postgres> {
    const basebackup = findProgram('pg_basebackup', 'postgresql');
    const service = await Service.create('postgres', 'postgres');
    const source = ['-h', '127.0.0.1', '-p', String(this.port), '-U', user];
    execFileSync(
      basebackup,
      [
        '-D',
        join(service.folder, 'data'),
        ...source,
        '--write-recovery-conf',
        '--checkpoint=fast',
        '--no-sync',
      ],
      { ...service.account, cwd: service.folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const standby = new Postgres(service, await freePort(), settings);
    await standby.start();
    return standby;
  }

  /** Starts, or starts again with the same data on the same port. */
  async start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      ...this.#settings,
    ];
    await this.#service.start(
      findProgram('postgres', 'postgresql'),
      [
        '-D',
        join(this.#service.folder, 'data'),
        '-p',
        String(this.port),
        ...settings.flatMap((one) => ['-c', one]),
      ],
      { isReady: async () => (await this.query('postgres', 'select 1')).length === 1 },
    );
  }

  get pid(): number | undefined {
    return this.#service.pid;
  }

  /** `127.0.0.1:5432`, for addresses of several hosts. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(database = 'postgres'): string {
    return `postgres://${user}@${this.host}/${database}`;
  }

  async query<Row = Record<string, unknown>>(
    database: string,
    sql: string,
    values?: unknown[],
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url(database), connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async createDatabase(name: string): Promise<string> {
    await this.query('postgres', `create database "${name}"`);
    return this.url(name);
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#service.end('SIGKILL');
  }

  async promote(): Promise<void> {
    await this.query('postgres', 'select pg_promote(true, 30)');
  }

  async stop(): Promise<void> {
    await this.#service.remove('SIGQUIT');
  }
}
