import { randomUUID } from 'node:crypto';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError, toApiError } from './errors.ts';
import { logSettings } from './log.ts';
import { RateLimitedError } from './nodes/rate-limit.ts';
import { isStoragePath } from './storage/storage-routes.ts';
import type { Tokens } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller, from the verified token and nothing else; empty on public routes. */
    userId: string;
  }
}

type CorsAnswer = (error: Error | null, options: FastifyCorsOptions) => void;

const exposedHeaders = ['x-request-id', 'Retry-After', 'ETag'];

/** Fastify with what every route shares: request ids, one error shape, CORS and safe headers. */
export async function createHttp(settings: {
  logLevel: string;
  writeLog: ((line: string) => void) | undefined;
  isAllowedOrigin: (origin: string | undefined) => boolean;
  isLeaving: () => boolean;
}): Promise<FastifyInstance> {
  const http = Fastify({
    bodyLimit: 64 * 1024,
    requestTimeout: 300_000,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    logger: logSettings(settings.logLevel, settings.writeLog),
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    routerOptions: { maxParamLength: 300 },
  });
  http.decorateRequest('userId', '');
  http.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  // A connection kept alive after its last answer would hold the shutdown up.
  http.addHook('onSend', async (_request, reply) => {
    if (settings.isLeaving()) reply.header('Connection', 'close');
  });
  http.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  http.setNotFoundHandler((request, reply) =>
    sendError(
      new ApiError(404, 'NOT_FOUND', 'unable to answer; there is nothing at this address'),
      request,
      reply,
    ),
  );
  await http.register(cors, () => (request: FastifyRequest, done: CorsAnswer) => {
    const open = isStoragePath(request.url ?? '');
    done(null, {
      origin: open ? '*' : settings.isAllowedOrigin(request.headers.origin),
      methods: ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'],
      allowedHeaders: open ? ['Content-Type'] : ['Authorization', 'Content-Type', 'If-None-Match', 'user-id'],
      exposedHeaders,
      maxAge: 600,
    });
  });
  await http.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  return http;
}

/** @param more what a wire's errors have beside what all have, or instead */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  more: (message: string) => object = () => ({}),
): FastifyReply {
  const { status, code, message } = toApiError(error);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  if (error instanceof RateLimitedError) {
    reply.header('Retry-After', Math.ceil(error.retryAfterMs / 1000));
  }
  if (status === 503) reply.header('Retry-After', 1);
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer');
  return reply
    .status(status)
    .header('x-request-id', request.id)
    .send({ success: false, error: message, code, message, request_id: request.id, ...more(message) });
}

/** A hook for private routes. */
export function requireUser(
  tokens: Tokens,
  tokenOf: (request: FastifyRequest) => string | undefined = bearerToken,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const token = tokenOf(request);
    if (!token) throw new ApiError(401, 'UNAUTHORIZED', 'unable to answer; sign in first');
    const { userId } = await tokens.verify(token);
    request.userId = userId;
    request.log = reply.log = request.log.child({ userId });
  };
}

export function bearerToken({ headers }: FastifyRequest): string | undefined {
  const [scheme, token, ...rest] = (headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && rest.length === 0 ? token : undefined;
}

/** Runs when the answer has left, or the caller has: what was committed is announced in both cases. */
export function afterAnswer(reply: FastifyReply, announce: () => void): void {
  if (reply.raw.closed) setImmediate(announce);
  else reply.raw.once('close', announce);
}
