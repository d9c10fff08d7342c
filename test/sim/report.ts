import type { SeedResult } from './run-seed.ts';

const levelOf = (level: number) => (level === 2 ? '2' : String(level));

/** How often which promise was broken. */
export function tally(failures: readonly Pick<SeedResult, 'findings'>[]): string {
  const counts = new Map<string, number>();
  for (const { findings } of failures) {
    for (const { invariant } of findings) counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
}

/** How to see a failure again. */
export function replayCommand({ seed, level }: Pick<SeedResult, 'seed' | 'level'>): string {
  return `npm run sim -- --from ${seed} --seeds 1 --level ${levelOf(level)}`;
}

/** A failure as people read it: what broke, then everything that happened, in order. */
export function describeFailure(result: SeedResult, lines = 120): string {
  const { seed, level, findings, world } = result;
  const start = world.trace[0]?.at ?? 0;
  const happenings = [
    ...world.trace.map(({ at, text }) => ({ at, text: `● ${text}` })),
    ...world.backend.journal.notes.map(({ at, deviceId, text }) => ({
      at,
      text: `  ${deviceId ?? 'backend'}: ${text}`,
    })),
    ...world.backend.journal.frames.map(({ at, deviceId, direction, name, payload, fate }) => ({
      at,
      text: `  ${deviceId} ${direction === 'up' ? '→' : '←'} ${direction === 'ack' ? 'ack of ' : ''}${name} ${fate === 'sent' ? '' : `[${fate}] `}${payload.slice(0, 160)}`,
    })),
    ...world.backend.journal.requests.map(({ at, deviceId, method, path, body, status, settledAt }) => ({
      at,
      text: `  ${deviceId} → ${method} ${path.slice(0, 90)} ${body === undefined ? '' : JSON.stringify(body).slice(0, 120)} ⇒ ${status ?? 'pending'}${settledAt === undefined ? '' : ` +${Math.round(settledAt - at)} ms`}`,
    })),
    ...findings.map(({ at, invariant, text }) => ({ at, text: `✗ ${invariant}: ${text}` })),
  ].sort((a, b) => a.at - b.at);
  const shown = happenings.slice(-lines);
  return [
    `seed ${seed}, level ${levelOf(level)}, heartbeat ${world.hasHeartbeat ? 'on' : 'off'}`,
    ...findings.map(({ invariant, text }) => `${invariant}: ${text}`),
    ...(shown.length < happenings.length ? [`  … ${happenings.length - shown.length} before`] : []),
    ...shown.map(({ at, text }) => `${((at - start) / 1000).toFixed(3).padStart(9)} ${text}`),
    `replay: ${replayCommand(result)}`,
  ].join('\n');
}
