import type { AvatarClient } from '../index.ts';

let current: AvatarClient | null = null;
const listeners = new Set<() => void>();

/** The client of elements that were given none of their own. */
export function defaultClient(): AvatarClient | null {
  return current;
}

/** Calls `listener` when another client becomes the default one. Returns the undo. */
export function onDefaultClient(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Gives every `<visavis-avatar>` its client: those that are on the page and those to come. A later call replaces it.
 *
 * @returns an undo, safe to call twice; it leaves a later client alone.
 * @example
 * defineAvatarElement();
 * connectVisavis(createClient({ baseUrl: '/', userId: 'u1' }));
 */
export function connectVisavis(client: AvatarClient): () => void {
  become(client);
  return () => {
    if (current === client) become(null);
  };
}

function become(client: AvatarClient | null) {
  current = client;
  for (const listener of listeners) listener();
}
