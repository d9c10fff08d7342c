import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';

/** Files of ours that stay files of their own: loaded when a picture is picked, never before. */
const lazy: Plugin = {
  name: 'lazy',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/worker-file\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("new URL('./worker.ts'", "new URL('./worker.js'"),
      loader: 'ts',
    }));
    onResolve({ filter: /\/(?:picture|worker)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import'
        ? { path: `./${path.replace(/^.*\/|\.ts$/g, '')}.js`, external: true }
        : undefined,
    );
  },
};

const shared: Options = {
  outDir: 'dist',
  target: 'es2022',
  platform: 'browser',
  esbuildPlugins: [lazy],
  sourcemap: true,
};

export default defineConfig(({ dts }) => [
  { ...shared, entry: ['src/index.ts'], format: ['esm', 'cjs'], dts: dts ?? true },
  {
    ...shared,
    entry: { picture: 'src/picture/picture.ts', worker: 'src/picture/worker.ts' },
    format: 'esm',
    minify: true,
    splitting: false,
  },
  {
    ...shared,
    entry: { visavis: 'src/global.ts' },
    format: 'iife',
    globalName: 'Visavis',
    minify: true,
    noExternal: [/./],
  },
]);
