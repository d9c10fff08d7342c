import pg from 'pg';
import type { Database } from './database.ts';
import { DatabaseAwayError, hasGivenWay, toDatabaseError } from './database-errors.ts';
import { persist } from './persist.ts';

const STATEMENT_MS = 10_000;
/** A little more than the server's own limit: it fires when the server does not answer at all. */
export const ANSWER_MS = 12_000;
const CONNECT_MS = 3_000;
/** How long a request waits for a failover before it is told to come back. */
const PATIENCE_MS = 8_000;

/** Nothing was begun yet, so trying again is safe whatever it is that was asked. */
class NotConnectedError extends DatabaseAwayError {}

/**
 * Pools of connections, one to each host. The one that takes writes is used; when it cannot be reached the next is
 * tried, so that a standby that was promoted is found.
 */
export function openPostgres(settings: {
  addresses: readonly string[];
  connections: number;
  report: (error: unknown) => void;
  /** How long a statement may stay without an answer. */
  answerMs?: number;
}): Database {
  const { addresses, connections, report, answerMs = ANSWER_MS } = settings;
  const pools = addresses.map((connectionString) =>
    openPool({ connectionString, max: connections, query_timeout: answerMs }, report),
  );
  let current = 0;

  async function connect(): Promise<pg.PoolClient> {
    const at = current;
    const pool = pools[at] ?? pools[0];
    try {
      if (!pool) throw new TypeError('unable to connect; there is no address');
      return await pool.connect();
    } catch (error) {
      // Waiting in vain for a connection that others hold says nothing about the host.
      const isFull = pool !== undefined && pool.totalCount >= connections;
      if (!isFull && current === at) current = (at + 1) % pools.length;
      throw new NotConnectedError(error);
    }
  }

  async function withConnection<T>(run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await connect();
    let isBroken = true;
    try {
      const result = await run(client);
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = error instanceof DatabaseAwayError;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  return {
    query(sql, parameters) {
      const isRead = /^\s*select\b/i.test(sql);
      return persist(() => withConnection((client) => ask(client, sql, parameters)), {
        patienceMs: PATIENCE_MS,
        mayRepeat: (error) =>
          hasGivenWay(error) ||
          error instanceof NotConnectedError ||
          (isRead && error instanceof DatabaseAwayError),
      });
    },

    transaction(run) {
      let isCommitting = false;
      const attempt = () =>
        withConnection(async (client) => {
          isCommitting = false;
          await ask(client, 'begin');
          try {
            const result = await run({ query: (sql, parameters) => ask(client, sql, parameters) });
            // On a connection that is known to be lost, it is not even sent.
            isCommitting = !lost.has(client);
            await ask(client, 'commit');
            return result;
          } catch (error) {
            if (!(error instanceof DatabaseAwayError)) await ask(client, 'rollback');
            throw error;
          }
        });
      return persist(attempt, {
        patienceMs: PATIENCE_MS,
        // Once a commit was sent and not answered, it may have happened.
        mayRepeat: (error) => hasGivenWay(error) || (error instanceof DatabaseAwayError && !isCommitting),
      });
    },

    load: () => ({
      connections: sum(pools.map((pool) => pool.totalCount)),
      waiting: sum(pools.map((pool) => pool.waitingCount)),
    }),

    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** int8 is a number while one can hold it, as in the embedded database; everything else is alike already. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? parseInt8 : pg.types.getTypeParser(oid, format),
};

function parseInt8(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function openPool(settings: pg.PoolConfig, report: (error: unknown) => void): pg.Pool {
  const pool = new pg.Pool({
    ...settings,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    keepAlive: true,
    application_name: 'visavis',
    types,
    onConnect: refuseStandby,
  });
  // An idle connection was lost; the next request makes another.
  pool.on('error', report);
  // Without a listener, one that is lost between two statements would end the process.
  pool.on('connect', (client) => client.on('error', () => lost.add(client)));
  return pool;
}

const lost = new WeakSet<pg.ClientBase>();

async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby');
  if (rows[0]?.standby !== false) throw new Error('unable to connect; the host is a standby');
}

/** Parsed and planned once per connection: the statements are constants, so there are not many. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `visavis_${names.size}`;
  names.set(sql, name);
  return name;
}

async function ask<Row>(client: pg.ClientBase, sql: string, parameters?: unknown[]): Promise<Row[]> {
  try {
    const prepared = parameters && { name: nameOf(sql), text: sql, values: parameters };
    return (await client.query(prepared ?? sql)).rows;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
