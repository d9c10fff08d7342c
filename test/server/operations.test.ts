import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../examples/server/src/config.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import { describeError } from '../../examples/server/src/log.ts';
import { engineSettings } from '../support/engines.ts';
import { serverFolder } from '../support/server-folder.ts';
import { chatSocket, meet, type Person, person, persons } from './chat-support.ts';
import { avatarAndThumb, call, complete, type Json, stage, startServer, type TestServer } from './support.ts';

const statusOf = async (server: { url: string }, path: string) => (await call(server, 'GET', path)).status;

describe('a node that leaves', () => {
  test('is not ready first, then sends its sockets away and lets nobody in', async () => {
    const server = await startServer({ limits: { drainMs: 300, shutdownMs: 20_000 } });
    const maya = await person(server, 'u1');
    const sockets = await Promise.all(Array.from({ length: 8 }, () => chatSocket(server, maya)));
    const closed = sockets.map(({ socket }) => once(socket as Json, 'disconnect'));
    expect(await statusOf(server, '/readyz')).toBe(200);
    const left = server.stop();
    const leaving = await call(server, 'GET', '/readyz');
    expect([leaving.status, leaving.body.code]).toEqual([503, 'LEAVING']);
    expect(leaving.headers.get('retry-after')).toBe('1');
    expect(await statusOf(server, '/healthz')).toBe(200);
    expect(sockets.every(({ socket }) => socket.connected)).toBe(true);
    // Not `io server disconnect`: after that, clients do not come back by themselves.
    for (const [reason] of await Promise.all(closed)) expect(reason).toBe('transport close');
    await expect(call(server, 'GET', '/healthz')).rejects.toThrow('fetch failed');
    await left;
  });

  test('answers what a socket has asked for before it is sent away', async () => {
    const server = await startServer({ limits: { shutdownMs: 20_000 } });
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    const conversationId = await meet(maya, jonas);
    const socket = await chatSocket(server, maya);
    let answered = 0;
    for (let index = 0; index < 300; index += 1) {
      const command = { conversationId, message: String(index) };
      socket.socket.emit('send_message', command, () => {
        answered += 1;
      });
    }
    // Answered out of turn: all that came before it has arrived.
    await socket.flush();
    expect(answered).toBeLessThan(300);
    await server.stop();
    expect(answered).toBe(300);
  });
});

describe('what is measured', () => {
  let server: TestServer;
  let metrics: { url: string };
  beforeAll(async () => {
    server = await startServer({ metrics: { host: '127.0.0.1', port: 0 } });
    metrics = { url: `http://127.0.0.1:${server.app.metricsPort}` };
  });
  afterAll(() => server.stop());

  test('is at a port of its own, and nowhere else', async () => {
    expect(await statusOf(metrics, '/metrics')).toBe(200);
    expect(await statusOf(metrics, '/healthz')).toBe(404);
    expect(await statusOf(server, '/metrics')).toBe(404);
  });

  test('are requests, commands, sockets and the engines, by pattern and never by id', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    const conversationId = await meet(maya, jonas);
    const socket = await chatSocket(server, maya);
    await socket.ask('send_message', { conversationId, message: 'x' });
    await socket.ask('send_message', { conversationId: 'elsewhere', message: 'x' });
    await maya.get(`/api/conversations/${conversationId}`);
    const { body } = await call(metrics, 'GET', '/metrics');
    expect(body).toMatch(/^visavis_sockets 1$/m);
    expect(body).toMatch(/^visavis_database_connections [1-9]/m);
    expect(body).toMatch(/^visavis_database_waiting 0$/m);
    expect(body).toMatch(/^visavis_redis_up [01]$/m);
    const outcome = (code: string) =>
      `visavis_socket_commands_total{command="send_message",outcome="${code}"} 1`;
    expect(body).toContain(outcome('ok'));
    expect(body).toContain(outcome('CONVERSATION_NOT_FOUND'));
    expect(body).toMatch(/visavis_http_request_seconds_count\{.*route="\/api\/conversations\/:id".*\} 1/);
    expect(body).toContain('nodejs_eventloop_lag_seconds');
    expect(body).not.toContain(conversationId);
  });
});

describe('the log', () => {
  async function logOf(run: (server: TestServer) => Promise<void>): Promise<Json[]> {
    const lines: string[] = [];
    const server = await startServer({ logLevel: 'debug', writeLog: (line) => lines.push(line) });
    try {
      await run(server);
    } finally {
      await server.stop();
    }
    return lines.map((line) => JSON.parse(line));
  }

  test('[AT6] ties lines of a request together, and says whose it and a socket were', async () => {
    let id: string | null = null;
    const lines = await logOf(async (server) => {
      const maya = await person(server, 'u1');
      id = (await maya.get('/api/users/u2/profile?secret=1')).headers.get('x-request-id');
      const { socket } = await chatSocket(server, maya);
      socket.disconnect();
    });
    expect(lines.filter((line) => line.reqId === id)).toMatchObject([
      { req: { method: 'GET', path: '/api/users/u2/profile' } },
      { userId: 'u1', res: { statusCode: 200 } },
    ]);
    expect(lines.filter((line) => line.socketId !== undefined)).toMatchObject([
      { msg: 'socket connected', userId: 'u1' },
      { msg: 'socket disconnected', userId: 'u1' },
    ]);
  });

  test('[AT6] says nothing of what people write, nor anything that opens a door', async () => {
    const said = {
      text: `text-${randomUUID()}`,
      media: `https://media-${randomUUID()}.example/x.png`,
      name: `Name ${randomUUID()}`,
      device: `device-${randomUUID()}`,
      clientId: randomUUID(),
    };
    const doors: string[] = [];
    const lines = await logOf(async (server) => {
      const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
      doors.push(...[maya, jonas].map(({ token }) => token.split('.')[2] ?? ''));
      const conversationId = await meet(maya, jonas);
      const socket = await chatSocket(server, maya);
      const message = { message: said.text, mediaUrl: said.media, clientId: said.clientId };
      await socket.ask('send_message', { conversationId, ...message });
      await socket.ask('send_message', { conversationId, ...message, message: 'another' });
      await socket.ask('send_message', { conversationId: said.text, ...message });
      await maya.send(conversationId, said.text, { media_url: said.media });
      await maya.post('/api/messages/send', { conversation_id: [said.text] });
      await maya.post('/api/fcm/register', { token: said.device, device_type: 'web' });
      await call(server, 'PATCH', '/api/users/me/profile', {
        token: maya.token,
        json: { display_name: said.name },
      });
      await call(server, 'POST', '/api/messages/send', { token: maya.token, raw: `{"${said.text}` });
      const uploads = await stage(server, maya.token, await avatarAndThumb());
      doors.push(...uploads.map(({ url }) => new URL(url).searchParams.get('signature') ?? ''));
      await complete(server, maya.token, uploads);
      await call(server, 'GET', `/api/users/u1/profile?token=${maya.token}`);
      await call(server, 'GET', '/api/users/u1/profile', { token: `${maya.token}x` });
    });
    const all = JSON.stringify(lines);
    expect(all).toContain('/api/fcm/register');
    expect(doors).toHaveLength(4);
    for (const secret of [...Object.values(said), ...doors]) expect(all).not.toContain(secret);
  });

  test('names an error of the database without the row or the query it is about', async () => {
    const folder = await serverFolder();
    const { database: settings } = readConfig(await engineSettings(folder));
    const database = await openDatabase(settings, { dataDir: folder, report: () => {} });
    const secret = `secret ${randomUUID()}`;
    const insert = 'insert into users (id, name) values ($1, $2)';
    await database.query(insert, [secret, 'once']);
    const thrown = (sql: string, values: unknown[]) =>
      database.query(sql, values).then(
        () => undefined,
        (error: unknown) => describeError(new Error('outer', { cause: error })),
      );
    const described = [
      await thrown(insert, [secret, 'twice']),
      await thrown('select $1::uuid', [secret]),
      await thrown(`select '${secret}'::integer`, []),
      await thrown('insert into uploads (id, user_id, start, expires_at) values ($1, null, 1, now())', [
        secret,
      ]),
    ];
    await database.close();
    expect(described[0]).toMatchObject({
      message: 'outer',
      cause: { code: '23505', message: expect.stringContaining('constraint users_pkey') },
    });
    for (const one of described) expect(one?.stack).toContain('operations.test.ts');
    expect(JSON.stringify(described)).not.toContain(secret);
  });
});
