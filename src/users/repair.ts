import { VisavisError } from '../errors.ts';
import type { Loader } from './loader.ts';

/** Milliseconds over which users whom no change feed covers are read again. */
const othersSpreadMs = { from: 2_000, to: 7_000 };

/**
 * After an outage, what is on screen is read again, the rest when it is next looked at. A change feed covers the users of
 * `synced` (`null` without one); after it the others can wait, so that many clients that come back at once do not ask at
 * once.
 */
export async function repairUsers(
  loader: Loader,
  synced: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<void> {
  if (!synced) loader.expire();
  const urgent: string[] = [];
  for (const id of loader.watched()) {
    if (!synced || loader.status(id) !== 'ready') urgent.push(id);
    else if (!synced.has(id)) loader.refreshWithin(id, othersSpreadMs);
  }
  await Promise.all(
    urgent.map((id) =>
      loader.read(id, signal).catch((error: unknown) => {
        if (!(error instanceof VisavisError) || error.retryable) throw error;
      }),
    ),
  );
}
