import type { FastifyLoggerOptions, FastifyRequest } from 'fastify';

/**
 * Settings of the log, one JSON object a line, on standard output unless there is somebody to `write` it. It names requests, users, sockets and errors. Upload URLs are secrets
 * while they live, so there are no queries and no headers; what people write is theirs, so there are no bodies and no
 * values of rows.
 */
export function logSettings(level: string, write?: (line: string) => void): FastifyLoggerOptions {
  return {
    level,
    ...(write && { stream: { write } }),
    serializers: {
      req: ({ method, url }: Pick<FastifyRequest, 'method' | 'url'>) => ({ method, path: url.split('?')[0] }),
      err: describeError,
    },
  };
}

interface Description {
  [more: string]: unknown;
  type: string;
  message: string;
  stack: string;
}

/** An error without what libraries add to it: a database's says what was in the row, or in the query. */
export function describeError(error: unknown): Description {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something was thrown', stack: '' };
  const { name, stack = '', cause } = error;
  // Its first lines repeat the message.
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: name,
    message: 'severity' in error ? placeOf(error) : error.message,
    ...('code' in error && { code: error.code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
    stack: frames.join('\n'),
  };
}

/** Which part of the database complains. */
function placeOf(error: object): string {
  const parts = ['severity', 'table', 'column', 'constraint', 'routine'].flatMap((part) => {
    const value: unknown = Reflect.get(error, part);
    return typeof value === 'string' ? [`${part} ${value}`] : [];
  });
  return `the database refused; ${parts.join(', ')}`;
}
