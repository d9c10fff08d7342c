import { WORKER_NAME } from './worker-messages.ts';

// The two expressions are literal because bundlers look for exactly these forms; the build writes
// `./worker.js` in place of `./worker.ts`.

export function startWorker(url: string | URL | undefined): Worker {
  if (url !== undefined) return new Worker(url, { type: 'module', name: WORKER_NAME });
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'visavis-picture' });
}

/** The same code for the page. */
export function importWorker(): Promise<typeof import('./worker.ts')> {
  return import('./worker.ts');
}
