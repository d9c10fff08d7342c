import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';

/** A request as it came in. */
export interface LiteralRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call extends LiteralRequest {
  /** From the token; `NaN` on open routes. */
  readonly userId: number;
  readonly params: Readonly<Record<string, string>>;
  json(): Fields;
  form(): Promise<FormData>;
}

/** A `Buffer` goes out as it is, anything else as JSON. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;
/** By method and path: `GET /api/users/:id`. */
export type Routes = Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>>;

/** What tests do with every literal server. */
export interface LiteralServer {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly LiteralRequest[];
  /** A token for the user. */
  issue(userId: number): string;
  /** From now on the token is refused, and its sockets are cut. */
  expire(token: string): void;
  /** The next request of this route gets this reply, and nothing happens. */
  instead(route: string, reply: Reply): void;
  close(): Promise<void>;
}

export interface SignedInSocket extends Socket<DefaultEventsMap, DefaultEventsMap> {
  data: { userId: number; token: string };
}

/**
 * HTTP and Socket.IO as the five systems share them: bearer tokens, 401 without one, 403 `Invalid token` for one that is
 * invalid or expired.
 */
export async function startLiteral(settings: {
  routes?: Routes;
  /** Routes that ask for no token. */
  open?: Routes;
  /** The system's way to say no. */
  refusal?: (text: string) => unknown;
  tokenOf?: (headers: IncomingHttpHeaders) => string | undefined;
  maxBody?: number;
}): Promise<
  LiteralServer & {
    userOf(token: unknown): number | undefined;
    /** Opens Socket.IO. Without `needsToken` everyone is let in, and nobody is known. */
    sockets(onConnection: (socket: SignedInSocket) => void, needsToken?: boolean): Server;
  }
> {
  const { routes = {}, open = {}, refusal = (error) => ({ error }), tokenOf = bearer } = settings;
  const { maxBody = Number.POSITIVE_INFINITY } = settings;
  const requests: LiteralRequest[] = [];
  const users = new Map<string, number>();
  const replacements = new Map<string, Reply[]>();
  let io: Server | undefined;

  const userOf = (token: unknown) => users.get(String(token));

  async function answer(request: LiteralRequest): Promise<Reply> {
    const found = findRoute({ ...routes, ...open }, request);
    if (!found) return { status: 404, body: refusal('Not found') };
    const { name, handler, params } = found;
    const replacement = replacements.get(name)?.shift();
    if (replacement) return replacement;
    const token = tokenOf(request.headers);
    const userId = userOf(token) ?? Number.NaN;
    if (!(name in open)) {
      if (token === undefined) return { status: 401, body: refusal('No token provided') };
      if (Number.isNaN(userId)) return { status: 403, body: refusal('Invalid token') };
    }
    if (request.body.length > maxBody) return { status: 413, body: refusal('Request body too large') };
    return handler({
      ...request,
      params,
      userId,
      json: () => parseJson(request.body),
      form: () => new Response(new Uint8Array(request.body), { headers: typeOf(request.headers) }).formData(),
    });
  }

  const http = createServer(async (incoming, response) => {
    allowAnyPage(incoming.headers, response);
    if (incoming.method === 'OPTIONS') return void response.writeHead(204).end();
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://literal');
    const { method = 'GET', headers } = incoming;
    const body = await buffer(incoming).catch(() => null);
    // It was cut off under way.
    if (!body) return;
    const request = { method, path: pathname, query: searchParams, headers, body };
    requests.push(request);
    const failed = (error: unknown): Reply => ({ status: 500, body: refusal(String(error)) });
    send(response, await answer(request).catch(failed));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    userOf,
    issue(userId) {
      const token = randomUUID();
      users.set(token, userId);
      return token;
    },
    expire(token) {
      users.delete(token);
      for (const socket of io?.of('/').sockets.values() ?? []) {
        if (socket.data.token === token) socket.disconnect(true);
      }
    },
    instead: (route, reply) => void replacements.set(route, [...(replacements.get(route) ?? []), reply]),
    sockets(onConnection, needsToken = true) {
      io = new Server(http, { cors: { origin: true, credentials: true } });
      io.use((socket, next) => {
        if (!needsToken) return next();
        const { token } = socket.handshake.auth;
        const userId = userOf(token);
        socket.data = { userId, token };
        return next(userId === undefined ? new Error('Invalid token') : undefined);
      });
      io.on('connection', onConnection);
      return io;
    },
    async close() {
      await io?.close();
      http.closeAllConnections();
      if (http.listening) await new Promise((resolve) => http.close(resolve));
    },
  };
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function bearer({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/.exec(authorization)?.[1];
}

function findRoute(routes: Routes, { method, path }: LiteralRequest) {
  for (const [name, handler] of Object.entries(routes)) {
    const [wanted, pattern = ''] = name.split(' ');
    const params = method === wanted ? new URLPattern({ pathname: pattern }).exec({ pathname: path }) : null;
    if (params) return { name, handler, params: params.pathname.groups as Record<string, string> };
  }
  return undefined;
}

function parseJson(body: Buffer): Fields {
  try {
    return fieldsOf(JSON.parse(body.toString()));
  } catch {
    return {};
  }
}

function typeOf(headers: IncomingHttpHeaders): Record<string, string> {
  return { 'content-type': headers['content-type'] ?? '' };
}

/** No header is exposed: running backends leave `Retry-After` unreadable for pages. */
function allowAnyPage(headers: IncomingHttpHeaders, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
  response.setHeader('Access-Control-Allow-Headers', headers['access-control-request-headers'] ?? '*');
  if (headers.origin) response.setHeader('Access-Control-Allow-Credentials', 'true');
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const isJson = body !== undefined && !Buffer.isBuffer(body);
  response.writeHead(status, { ...(isJson ? { 'Content-Type': 'application/json' } : {}), ...headers });
  response.end(isJson ? JSON.stringify(body) : body);
}
