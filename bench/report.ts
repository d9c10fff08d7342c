export interface Target {
  readonly name: string;
  readonly value: number | null;
  /** As people read it, e.g. `≤ 0.70`. */
  readonly target: string;
  readonly met: boolean;
}

export interface Report {
  readonly env: Readonly<Record<string, unknown>>;
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly targets: readonly Target[];
}

/** `≤ limit` or `≥ limit`; a value that could not be measured is not met. */
export function target(name: string, value: number | null, sign: '≤' | '≥', limit: number): Target {
  const met = value !== null && (sign === '≤' ? value <= limit : value >= limit);
  return { name, value, target: `${sign} ${limit}`, met };
}

/** One JSON object with `--json`, tables for people otherwise. */
export function report(outcome: Report, json = process.argv.includes('--json')): void {
  if (json) {
    console.log(JSON.stringify(outcome, null, 2));
    return;
  }
  for (const [name, value] of Object.entries(outcome.env)) console.log(`${name}: ${show(value)}`);
  console.log(`\n${table(outcome.results)}\n`);
  const rows = outcome.targets.map(({ name, value, target: wanted, met }) => ({
    target: name,
    wanted,
    measured: value ?? 'not measured',
    met: met ? 'yes' : 'NO',
  }));
  console.log(table(rows));
}

/** A markdown table with padded columns; the columns are the keys of the first row. */
export function table(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => show(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function show(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toFixed(2)));
}
