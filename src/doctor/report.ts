import type { Finding, Verdict } from './finding.ts';

/** The findings as text for people. */
export function textOf(findings: readonly Finding[]): string {
  const lines: string[] = [];
  let of = '';
  for (const finding of findings) {
    if (finding.of !== of) {
      of = finding.of;
      lines.push('', of);
    }
    lines.push(`  ${finding.verdict.padEnd(9)} ${finding.check}: ${finding.says}`);
    if (finding.loses) lines.push(`${' '.repeat(12)}what is lost: ${finding.loses}`);
    if (finding.mend) lines.push(`${' '.repeat(12)}to mend it: ${finding.mend}`);
  }
  const counts = countsOf(findings);
  lines.push(
    '',
    `${counts.works} work, ${counts.degrades} degrade, ${counts.broken} broken, ${counts.skipped} skipped`,
  );
  return `${lines.join('\n').trimStart()}\n`;
}

export function countsOf(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const counts = { works: 0, degrades: 0, broken: 0, skipped: 0 };
  for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}
