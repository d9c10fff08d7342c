import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepReport } from './report.ts';

const packed = mkdtempSync(join(tmpdir(), 'visavis-check-'));
const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
const tarball = join(packed, `visavis-${version}.tgz`);

/** What CI runs beside the tests, in the order that fails fastest. */
const steps: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format and lint', 'biome', 'ci', '--colors=off', '.'],
  ['types of src without Node', 'tsc', '-p', 'src/tsconfig.json'],
  ['types of everything', 'tsc'],
  ['lanes', 'depcruise', '--config', '.dependency-cruiser.mjs', 'src', 'test'],
  ['lanes at runtime', 'depcruise', '--config', '.dependency-cruiser.runtime.mjs', 'src'],
  ['build', 'npm', 'run', '-s', 'build', '--', '--silent'],
  ['pack', 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', packed],
  ['package.json and files agree', 'publint', 'run', '--strict', tarball],
  // The script-tag file and the worker have no types on purpose.
  [
    'types resolve',
    'attw',
    tarball,
    '--profile',
    'node16',
    '--no-emoji',
    '--exclude-entrypoints',
    'dist/visavis.global.js',
    'dist/worker.js',
  ],
  ['size budgets', 'size-limit'],
  ['public docs', 'typedoc', '--out', join(packed, 'site')],
];

// `--all` goes on after a failure, so that one run tells everything.
const all = process.argv.includes('--all');
const reports: StepReport[] = [];

for (const [name, command = '', ...args] of steps) {
  if (!all && reports.some(({ status }) => status === 'failed')) {
    reports.push({ name, status: 'skipped', ms: 0 });
    continue;
  }
  console.log(`\n── ${name}: ${[command, ...args].join(' ')}`);
  const start = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  reports.push({
    name,
    status: status === 0 ? 'passed' : 'failed',
    ms: Math.round(performance.now() - start),
  });
}
rmSync(packed, { recursive: true });

console.log();
for (const { name, status, ms } of reports)
  console.log(`${status.padEnd(8)}${name} (${(ms / 1000).toFixed(1)} s)`);

const { VISAVIS_REPORTS } = process.env;
if (VISAVIS_REPORTS) {
  mkdirSync(VISAVIS_REPORTS, { recursive: true });
  writeFileSync(join(VISAVIS_REPORTS, 'check.json'), JSON.stringify({ steps: reports }, null, 2));
}
process.exitCode = reports.some(({ status }) => status === 'failed') ? 1 : 0;
