import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Database } from './database/database.ts';
import { ApiError } from './errors.ts';
import { text } from './text.ts';
import type { Tokens } from './tokens.ts';

const loginBody = z.object({
  userId: text(64),
  ttlSeconds: z.number().int().min(1).max(86_400).default(3600),
});

/** Signs anyone in without a password. Only ever registered in development. */
export function devRoutes(
  http: FastifyInstance,
  { database, tokens }: { database: Database; tokens: Tokens },
): void {
  http.get('/dev/people', () =>
    database.query(
      'select id, name as display_name, username from users order by created_at, length(id), id',
    ),
  );

  http.post('/dev/login', async (request) => {
    const { userId, ttlSeconds } = loginBody.parse(request.body);
    const [user] = await database.query('select id from users where id = $1', [userId]);
    if (!user) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to sign in; there is no such person');
    return { token: await tokens.sign(userId, ttlSeconds), userId, expiresIn: ttlSeconds };
  });
}
