import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/index.ts';
import { compileVue } from '../support/compile-vue.ts';
import { compiled, problemsOf } from '../support/read-block.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const find = (...patterns: string[]) =>
  globSync(patterns, { cwd: root, exclude: ['docs/site/**', '**/node_modules/**'] }).sort();
const pages = find('*.md', 'docs/**/*.md', 'examples/*/*.md', 'bench/*.md');

const blocks = pages
  .flatMap((page) =>
    [...read(page).matchAll(/^```(\w*)\n(.*?)^```/gms)].map(({ 1: kind = '', 2: code = '', index }) => ({
      name: `${page}:${read(page).slice(0, index).split('\n').length} ${kind}`,
      kind,
      code,
    })),
  )
  .filter(({ kind }) => !compiled.has(kind));

/** What snippets import, and where it is. */
const entries = {
  visavis: 'src/index.ts',
  'visavis/avatar': 'src/avatar-only.ts',
  'visavis/devtools': 'src/devtools/index.ts',
  'visavis/dom': 'src/dom/index.ts',
  'visavis/react': 'src/react/index.ts',
  'visavis/testing': 'src/testing/index.ts',
  'visavis/vue': 'src/vue/index.ts',
};

/** Names that snippets may use without declaring them. */
const around = `
  import type { VisavisClient } from 'visavis';
  declare global {
    const client: VisavisClient;
    const session: { readonly token: string; refresh(): Promise<string> };
    const input: HTMLInputElement;
    const image: HTMLImageElement;
    const bar: HTMLProgressElement;
    const file: File;
  }`;

describe('The docs', () => {
  it('explain every error code, and no other', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual([...errorCodes].sort());
  });

  it('state every rule that a test names, once, and no other', () => {
    const stated = [...read('docs/SPEC.md').matchAll(/^- \*\*([A-Z]{2}\d+)\*\* /gm)].map(([, rule]) => rule);
    const named = find('test/**/*.test.{ts,tsx}', 'examples/*/test/**/*.test.ts').flatMap((path) =>
      [...read(path).matchAll(/['"`]((?:\[[A-Z]{2}\d+\])+) /g)].flatMap(
        ([, tags = '']) => tags.match(/\w+/g) ?? [],
      ),
    );
    expect(stated.toSorted()).toEqual([...new Set(named)].sort());
  });

  it('show TypeScript that compiles', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'visavis-docs-'));
    const snippets = pages.flatMap((page) =>
      [...read(page).matchAll(/^```(tsx?|vue)\n(.*?)^```/gms)].map(
        ({ 1: kind = '', 2: code = '', index }) => ({
          page,
          kind,
          code: kind === 'vue' ? compileVue(code, page) : code,
          at: index,
        }),
      ),
    );
    expect(snippets.length).toBeGreaterThan(1);
    for (const [i, { page, kind, code, at }] of snippets.entries()) {
      // A snippet keeps its page's line numbers, and is a module of its own.
      const lines = read(page).slice(0, at).split('\n').length;
      writeFileSync(
        join(folder, `${page.replaceAll('/', '.')}.${i}.${kind === 'tsx' ? 'tsx' : 'ts'}`),
        `${'\n'.repeat(lines)}${code}\nexport {};\n`,
      );
    }
    writeFileSync(join(folder, 'around.d.ts'), around);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        paths: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, [join(root, path)]])),
        types: [],
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['*.ts', '*.tsx'],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    try {
      expect(compile(folder)).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('show a test that is run', () => {
    const run = read('test/unit/app-example.test.ts').replace(
      /'\.\.\/\.\.\/src\/(?:(\w+)\/)?index\.ts'/g,
      (_, entry) => (entry ? `'visavis/${entry}'` : "'visavis'"),
    );
    expect(read('docs/testing.md')).toContain(`\n${run}\`\`\`\n`.replace('\n', '```ts\n'));
  });

  it.each(blocks)('hold only code that can be read: $name', ({ kind, code }) => {
    expect(problemsOf(kind, code)).toEqual([]);
  });

  it.each(pages)('lead somewhere with every link of %s', (page) => {
    const text = read(page).replace(/^```.*?^```/gms, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    const broken = local.filter((link) => {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
      if (!existsSync(join(root, target))) return true;
      return heading !== undefined && target.endsWith('.md') && !headings(target).includes(heading);
    });
    expect(broken).toEqual([]);
  });
});

function compile(folder: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    return execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}

/** Anchors of a page's headings, as GitHub makes them. */
function headings(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
