import { WORKER_NAME } from './worker-messages.ts';

/**
 * Starts the worker from a file of its own. The build writes `./worker.js` in place of `./worker.ts`, and bundlers look
 * for exactly this form of address.
 *
 * Under `require-trusted-types-for 'script'` a worker's address must come from a policy (Trusted Types, 3.6); a page
 * that lists its policies allows `visavis`.
 */
export function startWorker(url: string | URL | undefined): Worker {
  const address = String(url ?? new URL('./worker.ts', import.meta.url));
  return new Worker(trusted(address), { type: 'module', name: WORKER_NAME });
}

/** The same code for the page. */
export function importWorker(): Promise<typeof import('./worker.ts')> {
  return import('./worker.ts');
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

function trusted(address: string): string {
  // Not declared by the DOM library of TypeScript 6.
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy('visavis', { createScriptURL: (own) => own });
  } catch {
    // The page lists its policies without ours: only where it enforces them is the plain address refused.
  }
  return policy?.createScriptURL(address) ?? address;
}
