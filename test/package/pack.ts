import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const sources = [
  'package.json',
  'tsconfig.json',
  'tsup.config.ts',
  'src',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'THIRD-PARTY-LICENSES.txt',
];

export interface Packed {
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
  read(file: string): string;
  /** Input files of one bundle with the bytes each brought in. */
  inputs(format: 'cjs' | 'iife'): ReadonlyMap<string, number>;
  remove(): void;
}

/** Builds and packs in a folder of its own, so that it neither sees nor disturbs the working `dist/`. */
export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-pack-'));
  for (const source of sources) cpSync(join(root, source), join(folder, source), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  run(folder, 'tsup', '--no-sourcemap', '--metafile', '--silent');
  const out = join(folder, 'packed');
  mkdirSync(out);
  const [report] = JSON.parse(
    run(folder, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', out),
  );
  const [tarball = ''] = readdirSync(out);
  return {
    tarball: join(out, tarball),
    files: report.files.map(({ path }: { path: string }) => path).sort(),
    unpackedBytes: report.unpackedSize,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    inputs(format) {
      const { outputs } = JSON.parse(readFileSync(join(folder, `dist/metafile-${format}.json`), 'utf8'));
      const inputs = Object.values<{ inputs: Record<string, { bytesInOutput: number }> }>(outputs).flatMap(
        (output) => Object.entries(output.inputs),
      );
      return new Map(
        inputs.map(([path, { bytesInOutput }]) => [path.replace(/^(\.\.\/)+/, ''), bytesInOutput]),
      );
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Runs a command and returns what it printed; fails with everything it said. */
export function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    // npm tells its own settings to what it runs; they must not reach an npm in another folder.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  });
}
