#!/usr/bin/env node
import { type Arguments, readArguments, usage } from './arguments.ts';
import { examine } from './examine.ts';
import { countsOf, textOf } from './report.ts';

function readOrExplain(): Arguments | null | undefined {
  try {
    return readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`visavis: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

const wanted = readOrExplain();
if (wanted === null) process.stdout.write(usage);
if (wanted) {
  const findings = await examine(wanted.patient, wanted.presets);
  const counts = countsOf(findings);
  const { baseUrl: url } = wanted.patient;
  process.stdout.write(
    wanted.asJson ? `${JSON.stringify({ url, counts, findings }, null, 2)}\n` : textOf(findings),
  );
  process.exitCode = counts.broken > 0 ? 1 : 0;
}
