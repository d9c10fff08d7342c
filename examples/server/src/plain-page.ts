import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Database } from './database/database.ts';
import { ApiError } from './errors.ts';
import { distFolder, plainFolder } from './static-routes.ts';
import { text } from './text.ts';
import type { Tokens } from './tokens.ts';

const query = z.object({ as: text(64).optional() });
const daySeconds = 86_400;

interface Person {
  readonly id: string;
  readonly name: string;
}

/**
 * A page as a server renders it: who is signed in, their token and the script's hash stand in the HTML, and there is no
 * script but the tag. It signs anyone in, so it is only ever registered in development.
 */
export function plainPage(
  http: FastifyInstance,
  { database, tokens }: { readonly database: Database; readonly tokens: Tokens },
): void {
  http.get('/plain', (_request, reply) => reply.redirect('/plain/'));

  http.get('/plain/', async (request, reply) => {
    const { as = 'u1' } = query.parse(request.query);
    const people: Person[] = await database.query(
      'select id, name from users order by created_at, length(id), id',
    );
    const me = people.find(({ id }) => id === as);
    if (!me) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to show the page; there is no such person');
    const [template, script] = await Promise.all([
      readFile(join(plainFolder, 'index.html'), 'utf8'),
      readFile(join(distFolder, 'visavis.global.js')),
    ]);
    const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`;
    const [rows = ''] = /(?<=\{\{#people\}\}).*(?=\{\{\/people\}\})/s.exec(template) ?? [];
    const page = template.replace(`{{#people}}${rows}{{/people}}`, () =>
      people.map((person) => fill(rows, { ...person, initial: initialOf(person.name) })).join(''),
    );
    const token = await tokens.sign(me.id, daySeconds);
    return reply.type('text/html').send(fill(page, { ...me, token, integrity }));
  });
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(values[name] ?? ''));
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment ?? '';
}
