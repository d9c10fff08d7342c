import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import asyncapi from '../../docs/contract/asyncapi.json' with { type: 'json' };
import openapi from '../../docs/contract/openapi.json' with { type: 'json' };
import type { Json } from './support.ts';

export const documents = { openapi, asyncapi };

const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
ajv.addFormat('uri', /^https?:\/\/\S+$/);
ajv.addSchema(openapi, 'requests');
ajv.addSchema(strict(openapi), 'answers');
ajv.addSchema(strict(asyncapi), 'events');

/** The documents let backends say more. The reference server says nothing that is not written down. */
function strict(document: object): AnySchemaObject {
  return JSON.parse(JSON.stringify(document), (_, value) =>
    value?.type === 'object' && value.properties !== undefined && value.additionalProperties === undefined
      ? { ...value, additionalProperties: false }
      : value,
  );
}

interface Operation {
  method: string;
  path: string;
  pattern: RegExp;
  responses: Json;
  requestBody?: Json;
}

/** The documented operations, those with a fixed address before those with a parameter in its place. */
export const operations: readonly Operation[] = Object.entries<Json>(openapi.paths)
  .flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { responses, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      responses,
      requestBody,
    })),
  )
  .sort((a, b) => parameters(a.path) - parameters(b.path));

function parameters(path: string): number {
  return path.split('{').length;
}

/** Each `METHOD path status` that an answer was seen of. */
export const seen = new Set<string>();

/** Fails for an answer of the reference server that the contract does not tell of. */
export function checkAnswer(
  method: string,
  address: string,
  { status, body, sent }: { status: number; body: unknown; sent?: unknown },
): void {
  const path = address.replace(/\?.*/, '');
  const operation = operations.find((one) => one.method === method && one.pattern.test(path));
  if (!operation) return;
  const name = `${method} ${operation.path}`;
  const place = status >= 500 ? 'default' : String(status);
  expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining([place])]);
  seen.add(`${name} ${place}`);
  const { $ref } = operation.responses[place];
  const answer = $ref ?? `#${pointer('paths', operation.path, method.toLowerCase(), 'responses', place)}`;
  const content = $ref ? { 'application/json': {} } : operation.responses[place].content;
  if (content?.['application/json']) check(`answers${answer}/content/application~1json/schema`, body, name);
  if (status < 300 && sent !== undefined && operation.requestBody?.content['application/json']) {
    const request = pointer('paths', operation.path, method.toLowerCase(), 'requestBody');
    check(`requests#${request}/content/application~1json/schema`, sent, `the body of ${name}`);
  }
}

/** Fails for what the reference server says over a socket and the contract does not. */
export function checkEvent(name: string, payload: unknown): void {
  const key = name.replaceAll(':', '.');
  expect(Object.keys(asyncapi.channels.toClient.messages)).toContain(key);
  seen.add(name);
  check(`events#${pointer('channels', 'toClient', 'messages', key, 'payload')}`, payload, name);
}

/** The same for the answer to a command, of those that exist. */
export function checkCommandAnswer(name: string, answer: unknown): void {
  if (name.replaceAll(':', '.') in asyncapi.channels.toServer.messages) checkEvent(`${name}.answer`, answer);
}

function check(place: string, value: unknown, about: string): void {
  const validate = ajv.getSchema(place) as ValidateFunction | undefined;
  if (!validate) throw new Error(`${place} is not in the contract`);
  expect([about, validate(value) ? null : validate.errors, value]).toEqual([about, null, value]);
}

function pointer(...steps: readonly string[]): string {
  return steps
    .map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');
}
