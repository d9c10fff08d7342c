import { channel } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { Socket } from 'socket.io';
import { expect, vi } from 'vitest';
import type { Route } from './attack-targets.ts';
import { type Answer, call, connected, openSocket, type TestServer } from './support.ts';

/** Payloads that no event and no route has a use for, made anew each time. A list is what is sent, one after another. */
export const badPayloads: readonly (() => unknown[])[] = [
  () => [],
  () => [undefined],
  () => [null],
  () => [0],
  () => [-1.5],
  () => [Number.NaN],
  () => [Number.POSITIVE_INFINITY],
  () => [2 ** 53],
  () => [true],
  () => [''],
  () => [' '],
  () => ['\0'],
  () => ['\ud800'],
  () => ["'; drop table messages; --"],
  () => ['../../etc/passwd'],
  () => ['__proto__'],
  () => ['[object Object]'],
  () => ['x'.repeat(50_000)],
  () => [[]],
  () => [['u1']],
  () => [JSON.parse('['.repeat(1_000) + ']'.repeat(1_000))],
  () => [{}],
  () => [{ userId: null, conversationId: null, id: null, user_id: null, conversation_id: null }],
  () => [fill({})],
  () => [fill([])],
  () => [fill({ $ne: null })],
  () => [fill('\0')],
  () => [fill('\ud800')],
  () => [fill('x'.repeat(1500))],
  () => [fill("' or 1=1 --")],
  () => [{ ...fill(1e300), message: 7, upToSeq: -1, up_to_seq: -1 }],
  () => [{ userId: 'u2', conversationId: 'x'.repeat(10_000), message: 'x'.repeat(20_000) }],
  () => [
    { conversationId: 'nowhere', conversation_id: 'nowhere', message: 'x', messageId: 'x', status: 'x' },
  ],
  () => [JSON.parse('{"__proto__":{"userId":"u1","ok":true},"constructor":{"prototype":{}}}')],
  () => [JSON.parse('{"toString":null,"valueOf":null,"toJSON":"x","then":"x","length":-1}')],
  () => [Buffer.from('binary')],
  () => [{ conversationId: Buffer.from('x'), userId: new Uint8Array(8), message: Buffer.alloc(9) }],
  () => [new Date(0), /x/, new Map(), new Set()],
  () => Array(500).fill(null),
];

/** Every name the wires know, with this value. */
function fill(value: unknown): Record<string, unknown> {
  const names = [
    'userId',
    'conversationId',
    'messageId',
    'message',
    'status',
    'id',
    'text',
    'tempId',
    'messageIds',
  ];
  const wire = [
    'user_id',
    'conversation_id',
    'receiver_id',
    'message_id',
    'flow_state',
    'token',
    'device_type',
  ];
  const pictures = ['files', 'uploads', 'display_name', 'base64Image', 'profilePicture', 'syncTimestamp'];
  return Object.fromEntries([...names, ...wire, ...pictures].map((name) => [name, value]));
}

/** What must never be told: stacks, SQL, paths, and the names of what is inside. */
export const inside =
  /\bat \S+ \(|\bat file:|node:internal|node_modules|\.[jt]s\b|\/(?:tmp|work|home|root|usr|var)\/|\b(?:select|insert into|delete from|update \w+ set)\b|violates|relation "|syntax error|\bFST_|\bE(?:NOENT|ACCES|CONN\w+)\b|zod|pglite|sharp|vips/i;

/** A refusal is typed, of the one shape, and says nothing of the inside. */
export function expectRefusal(answer: Answer, about: unknown): void {
  const { status, body, headers } = answer;
  expect([about, status >= 400 && status < 500]).toEqual([about, true]);
  expect([about, body]).toEqual([
    about,
    expect.objectContaining({
      success: false,
      error: expect.any(String),
      message: expect.any(String),
      code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
      request_id: headers.get('x-request-id'),
    }),
  ]);
  expect(JSON.stringify(body)).not.toMatch(inside);
}

export async function expectAlive(server: TestServer): Promise<void> {
  expect((await call(server, 'GET', '/healthz')).status).toBe(200);
}

/** The events a server listens to, as it says itself. */
export async function knownEvents(server: TestServer, token: string): Promise<string[]> {
  const listening = vi.spyOn(Socket.prototype, 'on');
  const socket = openSocket(server, token);
  await connected(socket);
  socket.disconnect();
  const names = listening.mock.calls.map(([name]) => String(name));
  listening.mockRestore();
  return [...new Set(names)].filter((name) => !['disconnect', 'error'].includes(name)).sort();
}

/** The routes of the servers that are started while `start` runs, as they say themselves. */
export async function knownRoutes(start: () => Promise<TestServer>): Promise<[TestServer, Route[]]> {
  const routes: Route[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const one of [method].flat()) routes.push({ method: one, path: url });
    });
  };
  channel('fastify.initialization').subscribe(watch);
  const server = await start();
  channel('fastify.initialization').unsubscribe(watch);
  const isOwn = ({ method, path }: Route) => !['HEAD', 'OPTIONS'].includes(method) && path !== '*';
  return [server, routes.filter(isOwn)];
}
