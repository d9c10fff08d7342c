import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { compileVue } from '../support/compile-vue.ts';

const root = resolve(import.meta.dirname, '../..');

it('The components of examples/vue have right types, their templates too', { timeout: 60_000 }, () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // What a template does not use is not there for it.
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile } = host;
  /** A component stands in the compiler's eyes beside its file, as TypeScript. */
  const componentOf = (path: string) =>
    path.endsWith('.vue.ts') && existsSync(path.slice(0, -3)) ? path.slice(0, -3) : undefined;
  host.fileExists = (path) => componentOf(path) !== undefined || fileExists(path);
  host.readFile = (path) => {
    const component = componentOf(path);
    return component ? compileVue(readFileSync(component, 'utf8'), component) : readFile(path);
  };

  const program = ts.createProgram(
    [join(root, 'examples/vue/src/main.ts'), join(root, 'examples/shared/vite.d.ts')],
    settings,
    host,
  );
  const components = program.getSourceFiles().filter(({ fileName }) => componentOf(fileName));
  expect(components.length).toBeGreaterThan(10);
  const problems = ts.getPreEmitDiagnostics(program);
  expect(ts.formatDiagnostics(problems, { ...host, getCanonicalFileName: (name) => name })).toBe('');
});
