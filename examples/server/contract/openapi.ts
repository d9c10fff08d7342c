import type { z } from 'zod';
import serverPackage from '../package.json' with { type: 'json' };
import { createSchemas, type Schemas } from './json-schema.ts';
import { type Answer, type Operation, refusal, type Wire, wires } from './operation.ts';
import { operations } from './operations.ts';

const reasons = {
  400: 'The request cannot be read',
  401: 'The token is missing, wrong or expired: refresh it and try once more',
  403: 'It is not the caller’s to do',
  404: 'It is not there, or not for the caller',
  409: 'It contradicts what there is',
  410: 'It has expired',
  413: 'It is too large',
  414: 'A part of the address is too long',
  415: 'It is of a type that is not taken',
  422: 'The picture is not what it was said to be',
  429: 'Too many; `Retry-After` says in how many seconds to try again',
  default: 'The server is in trouble; it may be tried again',
};

/** The routes as an OpenAPI 3.1 document. */
export function openapi(): object {
  const schemas = createSchemas('draft-2020-12');
  const said = { 'application/json': { schema: schemas.of(refusal, 'output') } };
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(operations)) {
    for (const [at, path] of operation.paths.entries()) {
      const address = path.replace(/:(\w+)/g, '{$1}');
      const id = at === 0 ? name : `${name}Elsewhere`;
      paths[address] = {
        ...paths[address],
        [operation.method.toLowerCase()]: describe(id, operation, schemas),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'visavis: what a backend answers',
      version: serverPackage.version,
      description:
        'Made from the schemas of the reference server by `npm run contract`. A backend needs the routes of the wire its clients speak, and may leave out what is marked with a level above its own.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://localhost:3000' }],
    tags: (Object.keys(wires) as Wire[]).map((name) => ({ name, description: wires[name] })),
    paths,
    components: {
      schemas: schemas.named(),
      responses: Object.fromEntries(
        Object.entries(reasons).map(([status, description]) => [status, { description, content: said }]),
      ),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'token' },
      },
    },
  };
}

function describe(operationId: string, operation: Operation, schemas: Schemas): object {
  const { summary, description, wire, access, params, query, answers, refuses = [] } = operation;
  const token = { token: [] };
  const security = { public: [], private: [token], 'token or cookie': [token, { cookie: [] }] };
  const content = contentOf(operation, schemas);
  // A page may be anywhere, so an address that is too long is nowhere.
  const isLong = params !== undefined && operation.method !== 'GET';
  const refusals = [...refuses, ...(access === 'public' ? [] : [401]), ...(isLong ? [414] : [])].sort();
  return {
    operationId,
    tags: [wire],
    summary,
    ...(description === undefined ? {} : { description }),
    security: security[access ?? 'private'],
    parameters: [...parameters('path', params, schemas), ...parameters('query', query, schemas)],
    ...(Object.keys(content).length === 0 ? {} : { requestBody: { content } }),
    responses: {
      ...mapStatuses(answers, (answer, status) => answerOf(answer, status, schemas)),
      ...Object.fromEntries(
        [...refusals, 'default'].map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

function contentOf({ body, form }: Operation, schemas: Schemas): object {
  return {
    ...(body && { 'application/json': { schema: schemas.of(body, 'input') } }),
    ...(form && { 'multipart/form-data': { schema: formOf(form) } }),
  };
}

function formOf({ files, fields = [] }: NonNullable<Operation['form']>): object {
  const names = [...files.map((name) => [name, {}]), ...fields.map((name) => [name, { type: 'string' }])];
  return {
    type: 'object',
    properties: Object.fromEntries(names),
    ...(files.length === 1 ? { required: files } : { anyOf: files.map((name) => ({ required: [name] })) }),
  };
}

function answerOf(answer: Answer, status: number, schemas: Schemas): object {
  if (answer === 'nothing') return { description: 'As the caller knows it already' };
  if (answer === 'picture') return { description: 'The picture', content: { 'image/*': {} } };
  return {
    description: status === 201 ? 'Made' : 'Done',
    content: { 'application/json': { schema: schemas.of(answer, 'output') } },
  };
}

function parameters(place: 'path' | 'query', fields: z.ZodObject | undefined, schemas: Schemas): object[] {
  return Object.entries(fields?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: schemas.of(schema, 'input'),
  }));
}

function mapStatuses(
  answers: Operation['answers'],
  make: (answer: Answer, status: number) => object,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, make(answer, Number(status))]),
  );
}
