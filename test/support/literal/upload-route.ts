import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type LiteralServer, type Reply, startLiteral } from './literal-server.ts';

export interface UploadRouteOptions {
  /** Form field of the picture: `file`, in older backends `profilePhoto`. */
  field?: 'file' | 'profilePhoto';
  /** A query that the storage's addresses have already; `?t=` follows even that. */
  query?: string;
}

export interface UploadRouteServer extends LiteralServer {
  /** The address of the user's picture. */
  stateOf(userId: number): string | null;
}

/** System D as it runs: one route, and nothing to read or delete by. */
export async function startUploadRoute(options: UploadRouteOptions = {}): Promise<UploadRouteServer> {
  const { field = 'file', query = '' } = options;
  const shown = new Map<number, string>();
  const files = new Map<string, { type: string; bytes: Buffer }>();
  const refuse = (status: number, error: string, details: string): Reply => ({
    status,
    body: { error, details },
  });

  const server = await startLiteral({
    tokenOf,
    refusal: (error) => ({ error, details: 'Authentication failed' }),
    routes: {
      'POST /api/upload/profile': async ({ userId, headers, form }) => {
        const claimed = headers['user-id'];
        if (claimed !== undefined && claimed !== String(userId))
          return refuse(403, 'Forbidden', 'user-id does not match the token');
        const file = (await form().catch(() => new FormData())).get(field);
        if (!(file instanceof File)) return refuse(400, 'No file uploaded', `Expected the field "${field}"`);
        if (!file.type.startsWith('image/')) return refuse(400, 'Invalid file type', file.type);
        const name = `${randomUUID()}.${file.type.split('/')[1]}`;
        files.set(name, { type: file.type, bytes: Buffer.from(await file.arrayBuffer()) });
        const url = `${server.url}/uploads/${name}${query && `?${query}`}?t=${Date.now()}`;
        shown.set(userId, url);
        return { body: { success: true, url, profilePicture: url, message: 'Profile picture updated' } };
      },
    },
    open: {
      'GET /uploads/:name': ({ params }) => {
        const file = files.get(params.name ?? '');
        if (!file) return refuse(404, 'Not found', params.name ?? '');
        return { headers: { 'Content-Type': file.type }, body: file.bytes };
      },
    },
  });
  return { ...server, stateOf: (userId) => shown.get(userId) ?? null };
}

function tokenOf({ authorization = '', cookie = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/.exec(authorization)?.[1] ?? /(?:^|; )token=([^;]+)/.exec(cookie)?.[1];
}
