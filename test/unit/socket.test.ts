import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../src/errors.ts';
import type { SocketPort } from '../../src/lib/socket-port.ts';
import { socketIo } from '../../src/transport/socket.ts';
import { LiveServer } from '../support/live-server.ts';

let server: LiveServer;

beforeEach(async () => {
  server = new LiveServer();
  await server.start();
});
afterEach(() => server.stop());

/** A connection to a server that acknowledges nothing. */
const opened = () =>
  new Promise<SocketPort>((resolve, reject) => {
    const open = socketIo(server.url, {});
    const port = open({
      onOpen: () => resolve(port),
      onEvent() {},
      onClose() {},
      onError: ({ cause }) => reject(cause),
    });
    port.open(null);
  });

const say = { name: 'send_message', args: [{ text: 'hi' }] };

describe('a request that waits for its acknowledgement', () => {
  it.each([
    ['is lost with the connection', () => server.kick(), true],
    ['is lost when the client closes the connection, and is not to blame', (port) => port.close(), false],
  ] satisfies [string, (port: SocketPort) => void, boolean][])('%s', async (_, end, connectionLost) => {
    const port = await opened();
    const answer = port.request(say, 60_000);
    end(port);
    const error = await answer.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ bodyLeft: true, connectionLost });
    port.close();
  });

  it('ends in time while the connection is there', async () => {
    const port = await opened();
    await expect(port.request(say, 20)).rejects.toMatchObject({ code: 'TIMEOUT', timeoutMs: 20 });
    port.close();
    await expect(port.request(say, 20)).rejects.toMatchObject({ code: 'NETWORK', bodyLeft: false });
  });
});
