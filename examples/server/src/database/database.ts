/** Bound SQL only: `query('select … where id = $1', [id])`. The embedded PostgreSQL and a real one answer alike. */
export interface Queries {
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

export interface Database extends Queries {
  /** Runs again from the start when the database gave way to another transaction, so `run` must do nothing else. */
  transaction<T>(run: (tx: Queries) => Promise<T>): Promise<T>;
  /** How many connections are open, and how many callers wait for one. */
  load(): { connections: number; waiting: number };
  close(): Promise<void>;
}
