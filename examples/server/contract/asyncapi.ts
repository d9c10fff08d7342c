import { z } from 'zod';
import serverPackage from '../package.json' with { type: 'json' };
import { serverEvents } from '../src/server-events.ts';
import { createSchemas } from './json-schema.ts';
import { commandRefusal, commands, eventSummaries } from './socket-events.ts';

const channel = (name: string) => ({ $ref: `#/channels/${name}` });
const message = (of: string, name: string) => ({ $ref: `#/channels/${of}/messages/${keyOf(name)}` });

/** Names of messages may not have a colon. */
const keyOf = (name: string) => name.replaceAll(':', '.');
const answerOf = (name: string) => `${name}.answer`;

/** What goes over the socket as an AsyncAPI 3 document. */
export function asyncapi(): object {
  const schemas = createSchemas('draft-7');
  const toServer: Record<string, object> = {};
  const toClient: Record<string, object> = {};
  const operations: Record<string, object> = {};

  for (const [name, { summary, payload, answer }] of Object.entries(commands)) {
    const answered = z.union([z.object({ ok: z.literal(true), ...answer?.shape }), commandRefusal]);
    toServer[keyOf(name)] = { name, payload: schemas.of(payload, 'input') };
    toClient[keyOf(answerOf(name))] = { name: answerOf(name), payload: schemas.of(answered, 'output') };
    operations[`take.${keyOf(name)}`] = {
      action: 'receive',
      summary,
      channel: channel('toServer'),
      messages: [message('toServer', name)],
      reply: { channel: channel('toClient'), messages: [message('toClient', answerOf(name))] },
    };
  }
  for (const [name, schema] of Object.entries(serverEvents)) {
    toClient[keyOf(name)] = { name, payload: schemas.of(schema, 'output') };
    operations[`tell.${keyOf(name)}`] = {
      action: 'send',
      summary: eventSummaries[name as keyof typeof serverEvents],
      channel: channel('toClient'),
      messages: [message('toClient', name)],
    };
  }

  return {
    asyncapi: '3.0.0',
    info: {
      title: 'visavis: what a backend says and hears over Socket.IO',
      version: serverPackage.version,
      description:
        'Made from the schemas of the reference server by `npm run contract`. A message is a Socket.IO event of that name with one payload; `*.answer` is what the acknowledgement carries when the client asks for one.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      backend: {
        host: 'localhost:3000',
        protocol: 'socket.io',
        description: 'The token goes into the handshake, as `auth: { token }`.',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: {
      toServer: { address: '/', title: 'From a client', messages: toServer },
      toClient: { address: '/', title: 'To clients', messages: toClient },
    },
    operations,
    components: {
      schemas: schemas.named(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
