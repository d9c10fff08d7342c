import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case, Failure } from './seeds.ts';

const file = fileURLToPath(new URL('failing-seeds.json', import.meta.url));
const mostAtOnce = 10;

/** Seeds that failed once; they are run for ever. */
export function knownFailures(): Case[] {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function remember(failures: readonly Failure[]): void {
  const known = knownFailures();
  const fresh = failures.filter(
    ({ seed, level }) => !known.some((entry) => entry.seed === seed && entry.level === level),
  );
  if (fresh.length === 0) return;
  const added = fresh.slice(0, mostAtOnce).map(({ seed, level, findings }) => ({
    seed,
    level,
    broke: findings.map(({ invariant }) => invariant).join(' '),
  }));
  writeFileSync(file, `${JSON.stringify([...known, ...added], null, 2)}\n`);
}
