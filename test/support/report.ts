import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** One step of `npm run check`. */
export interface StepReport {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
}

/** What is read of Vitest's JSON report. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      /** Of a test that passed: why its first try did not. */
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export interface Totals {
  passed: number;
  skipped: number;
  readonly failures: string[];
  /** Tests that passed at their second try only. */
  readonly retried: string[];
}

/** A report and the exit code of what wrote it; or, for what writes none, its name: then it counts as one test. */
type Source = readonly [reportOrName: string, exitCode: number];

/** Adds up reports of Vitest and of `npm run check`. A run that failed without saying why counts as a failure too. */
export function sumReports(sources: readonly Source[]): Totals {
  const totals: Totals = { passed: 0, skipped: 0, failures: [], retried: [] };
  for (const [path, exitCode] of sources) {
    if (!path.endsWith('.json')) {
      add(totals, path, exitCode === 0 ? 'passed' : 'failed');
      continue;
    }
    const before = totals.failures.length;
    const report = read(path);
    if (report === undefined) totals.failures.push(`${basename(path)}: there is no report`);
    else if ('steps' in report) addSteps(totals, report.steps);
    else addTests(totals, report);
    if (exitCode !== 0 && totals.failures.length === before) {
      totals.failures.push(`${basename(path)}: it ended with ${exitCode}`);
    }
  }
  return totals;
}

function read(path: string): VitestReport | { readonly steps: readonly StepReport[] } | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function addSteps(totals: Totals, steps: readonly StepReport[]): void {
  for (const { name, status } of steps) add(totals, `check: ${name}`, status);
}

function addTests(totals: Totals, { testResults }: VitestReport): void {
  for (const { name, status, message, assertionResults } of testResults) {
    for (const { fullName, status, failureMessages } of assertionResults) {
      add(totals, fullName, status);
      if (status === 'passed' && failureMessages.length > 0) totals.retried.push(fullName);
    }
    // A file that could not be loaded, or whose hook failed, has no failing test of its own.
    const told = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !told) totals.failures.push(`${name}: ${message}`);
  }
}

function add(totals: Totals, name: string, status: string): void {
  if (status === 'passed') totals.passed += 1;
  else if (status === 'failed') totals.failures.push(name);
  else totals.skipped += 1;
}

// node report.ts <report or name> <exit code> …
if (import.meta.main) {
  const given = process.argv.slice(2);
  const sources = given.flatMap((path, i): Source[] => (i % 2 === 0 ? [[path, Number(given[i + 1])]] : []));
  const { passed, skipped, failures, retried } = sumReports(sources);
  for (const name of retried) console.log(`SECOND TRY ${name}`);
  for (const failure of failures) console.log(`FAILED ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed, ${skipped} skipped`);
  process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
}
