import { createClient, type VisavisClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/options.ts';
import { createFakeBackend, type FakeBackend } from '../../src/testing/index.ts';

const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEElEQVR42mNgiFqAHQ0tCQBEMD6BQU2x6gAAAABJRU5ErkJggg==';

/** The backend of a page that a server renders: the same one, whoever makes it. */
export function createRenderedBackend(): FakeBackend {
  const backend = createFakeBackend({
    users: [
      { id: 'u1', name: 'ismail' },
      { id: 'u2', name: 'Jonas' },
      { id: 'u3', name: 'Noor' },
    ],
    conversations: [
      { id: 'c1', members: ['u1', 'u2'] },
      { id: 'c2', members: ['u1', 'u3'] },
    ],
  });
  backend.person('u2').send('c1', 'hello');
  backend.person('u1').send('c1', 'hi');
  backend.person('u2').send('c1', 'how are you?');
  return backend;
}

/** A client of it, for which Jonas has a picture that needs no network. */
export function createRenderedClient(
  backend: FakeBackend,
  options: Partial<ClientOptions> = {},
): VisavisClient {
  const device = backend.device('u1');
  return createClient({
    ...device.options,
    async fetch(input, init) {
      if (!String(input).endsWith('/u2/profile')) return device.fetch(input, init);
      return Response.json({
        id: 'u2',
        display_name: 'Jonas',
        avatar_url: picture,
        avatar_thumb_url: picture,
        avatar_version: 7,
      });
    },
    ...options,
  });
}

/** Reads what the page shows, renders it and prints it with what the client then held. */
export async function printPage(render: (client: VisavisClient) => string | Promise<string>): Promise<void> {
  const client = createRenderedClient(createRenderedBackend());
  await Promise.all([
    client.users.get('u1'),
    client.users.get('u2'),
    client.conversations.live().loadMore(),
    client.messages.live('c1').loadOlder(),
  ]);
  const html = await render(client);
  const state = JSON.stringify(client.dehydrate());
  client.dispose();
  process.stdout.write(JSON.stringify({ html, state }));
}
