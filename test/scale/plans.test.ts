import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../examples/server/src/database/database.ts';
import { createProfiles } from '../../examples/server/src/people/profiles.ts';
import { type ServerOptions, startServer } from '../server/support.ts';
import { Postgres } from '../support/services/postgres.ts';
import { explain, type Plan } from './explain.ts';
import { fillTables } from './many-rows.ts';
import { Statements } from './statements.ts';
import { walkThrough } from './walk.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start(['fsync=off']);
});
afterAll(() => postgres?.stop());

/** Development shows and adds the demo's ten people, and their talk. */
const ofDevelopment = /^(?:dev-routes|plain-page|people\/people|chat\/demo-conversations)\.ts/;

/** A narrow row a person, every ten minutes. An index would have to be written with every message. */
const accepted = new Set(['chat/sync.ts: feeds']);

test('every statement of the server finds its rows by an index, however many there are', async () => {
  const name = 'plans';
  const statements = new Statements();
  const options: ServerOptions = {
    database: { addresses: [await postgres.createDatabase(name)], connections: 5 },
    openDatabase: statements.open,
    demo: true,
    pushSender: { send: async (tokens) => ({ dead: tokens }) },
  };
  let server = await startServer(options);
  await walkThrough(server, async () => {
    await server.stop();
    server = await startServer({ ...options, clock: server.clock });
    return server;
  });
  await server.stop();
  await afterAnOutage(await statements.open(server.config.database, { dataDir: '', report: () => {} }));
  expect(await statements.unasked()).toEqual([]);

  await fillTables((sql) => postgres.query(name, sql));
  const plans: Plan[] = [];
  for (const [site, texts] of [...statements.bySite].sort(([a], [b]) => a.localeCompare(b))) {
    if (ofDevelopment.test(site)) continue;
    for (const sql of texts) plans.push(await explain(postgres, name, site, sql));
  }
  const whole = plans.flatMap(({ site, scans }) => scans.map((table) => `${site.split(':')[0]}: ${table}`));
  expect(whole.filter((scan) => !accepted.has(scan))).toEqual([]);
  expect(plans.length).toBeGreaterThan(70);
  console.log(`${plans.length} statements, none reads a whole table`);
  const { VISAVIS_PLANS } = process.env;
  if (VISAVIS_PLANS) writeFileSync(VISAVIS_PLANS, page(plans));
});

/** What is asked only once Redis has come back. */
async function afterAnOutage(database: Database): Promise<void> {
  await createProfiles({ database, clock: Date.now, pictureUrl: String }).changedSince(new Date());
  await database.close();
}

function page(plans: readonly Plan[]): string {
  const fileOf = ({ site }: Plan) => site.split(':')[0];
  const files = [...new Set(plans.map(fileOf))];
  const block = (kind: string, text: string) => `\`\`\`${kind}\n${text}\n\`\`\`\n`;
  const chapters = files.map((file) => {
    const some = plans.filter((plan) => fileOf(plan) === file);
    const blocks = some.map(({ sql, text }) => `${block('sql', level(sql))}\n${block('text', text)}`);
    return `## ${file}\n\n${blocks.join('\n')}`;
  });
  return `# Plans of the server's statements

What PostgreSQL 15 does for each of them, for any parameters, with 300,000 messages of 2,000 people. Written by
\`npm run plans\`; the same test refuses a statement that reads a whole table.

${chapters.join('\n')}`;
}

/** Without the indentation that it has in the source. */
function level(sql: string): string {
  return sql
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}
