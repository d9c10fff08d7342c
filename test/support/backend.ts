import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll } from 'vitest';

export const api = 'https://api.example.com';
export const storage = 'https://storage.example.com';

/** MSW for one test file; requests nobody expects fail the test. */
export function mockBackend() {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
  return server;
}

export const profileRow = (id: string, fields: object = {}) => ({
  id,
  display_name: `User ${id}`,
  username: `user_${id}`,
  avatar_url: `https://cdn.example.com/${id}-1.webp`,
  avatar_thumb_url: `https://cdn.example.com/${id}-1-thumb.webp`,
  avatar_version: 1,
  ...fields,
});

export const profileRoute = (fields: (id: string) => object = () => ({})) =>
  http.get(`${api}/api/users/:id/profile`, ({ params }) => {
    const id = String(params.id);
    return HttpResponse.json(profileRow(id, fields(id)));
  });
