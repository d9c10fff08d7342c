import { mkdirSync, writeFileSync } from 'node:fs';
import { asyncapi } from './asyncapi.ts';
import { openapi } from './openapi.ts';

const folder = new URL('../../../docs/contract/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, document] of Object.entries({ openapi: openapi(), asyncapi: asyncapi() }))
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(document, null, 2)}\n`);
