import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(handler: Parameters<typeof createServer>[1], host: string): Promise<string> {
  const server = createServer({}, handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

it('[HT11] the token never follows a redirect to another origin', async () => {
  const seen: (string | undefined)[] = [];
  const other = await listen((request, response) => {
    seen.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end('{"id":"u1"}');
  }, '127.0.0.2');
  const own = await listen((_, response) => {
    response.writeHead(307, { location: `${other}/api/users/u1/profile` }).end();
  }, '127.0.0.1');
  await createClient({ baseUrl: own, userId: 'me', getToken: () => 'secret' }).users.get('u1');
  expect(seen).toEqual([undefined]);
});
