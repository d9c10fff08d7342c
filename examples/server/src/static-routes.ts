import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const repository = new URL('../../../', import.meta.url);
export const distFolder = fileURLToPath(new URL('dist/', repository));
export const plainFolder = fileURLToPath(new URL('examples/plain/', repository));
const pageFolder = fileURLToPath(new URL('examples/vanilla/', repository));
const sharedFolder = fileURLToPath(new URL('examples/shared/', repository));
/** Built by `npm run build:examples`. */
export const builtPages = ['react', 'vue'].map((name) => ({
  name,
  root: fileURLToPath(new URL(`examples/${name}/dist/`, repository)),
}));

const pageFiles = /\.(html|m?js|css|svg|png|webp|ico|webmanifest|woff2|map)$/;

/** The demo pages and the built SDK, all under one strict content security policy. */
export async function staticRoutes(
  http: FastifyInstance,
  contentSecurityPolicy: () => string,
): Promise<void> {
  http.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'Content-Security-Policy': contentSecurityPolicy(), 'Cache-Control': 'no-cache' });
  });
  const shared = { cacheControl: false, index: false as const, suppressWarning: true };
  await http.register(fastifyStatic, {
    ...shared,
    root: pageFolder,
    index: 'index.html',
    allowedPath: (path) => path === '/' || pageFiles.test(path),
  });
  await http.register(fastifyStatic, {
    ...shared,
    root: sharedFolder,
    prefix: '/shared/',
    decorateReply: false,
    allowedPath: (path) => pageFiles.test(path),
  });
  for (const { name, root } of builtPages) {
    http.get(`/${name}`, (_request, reply) => reply.redirect(`/${name}/`));
    await http.register(fastifyStatic, {
      ...shared,
      root,
      index: 'index.html',
      prefix: `/${name}/`,
      decorateReply: false,
    });
  }
  await http.register(fastifyStatic, {
    ...shared,
    root: distFolder,
    prefix: '/visavis/',
    decorateReply: false,
  });
  await http.register(fastifyStatic, {
    ...shared,
    root: plainFolder,
    prefix: '/plain/',
    decorateReply: false,
    // The page itself is a template.
    allowedPath: (path) => /\.(css|svg)$/.test(path),
  });
}

/**
 * Nothing is loosened: pages style by files and CSSOM, write text and never markup, and a worker's address comes from a
 * trusted types policy.
 *
 * @param connect origins the page may call besides its own, with the socket's
 * @param pictures the origin pictures are shown from
 */
export function pagePolicy({ connect, pictures }: { connect: readonly string[]; pictures: string }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
    `connect-src 'self' ${connect.join(' ')}`,
    `img-src 'self' blob: ${pictures}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
