import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import type { Queries } from '../../examples/server/src/database/database.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';

const source = 'examples/server/src/';

/** What the server asked its database, by the line that asked. */
export class Statements {
  readonly bySite = new Map<string, Set<string>>();

  /** Opens as ever, and keeps every statement from then on. */
  readonly open: typeof openDatabase = async (...given) => {
    const database = await openDatabase(...given);
    const transaction = database.transaction.bind(database);
    return {
      ...database,
      ...this.#keeping(database),
      transaction: (run) => transaction((tx) => run(this.#keeping(tx))),
    };
  };

  #keeping(queries: Queries): Queries {
    return {
      query: (sql, parameters) => {
        const site = callerOf(new Error().stack ?? '');
        this.bySite.set(site, (this.bySite.get(site) ?? new Set()).add(sql));
        return queries.query(sql, parameters);
      },
    };
  }

  /** How many lines of each file ask something, and how many of those have not asked yet. */
  async unasked(): Promise<string[]> {
    const asked = [...this.bySite.keys()].map((site) => site.split(':')[0] ?? '');
    const files: string[] = [];
    for await (const file of glob(`${source}**/*.ts`, { exclude: (name) => name === 'database' })) {
      const lines = readFileSync(file, 'utf8').match(/\b(?:database|tx|queries)\.query\b/g)?.length ?? 0;
      const name = file.slice(source.length);
      const missing = lines - asked.filter((one) => one === name).length;
      if (missing > 0) files.push(`${name}: ${missing} of ${lines}`);
    }
    return files;
  }
}

function callerOf(stack: string): string {
  const [, site = ''] = /examples\/server\/src\/((?!database\/)[^:?]+:\d+:\d+)/.exec(stack) ?? [];
  return site;
}
