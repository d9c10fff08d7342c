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
    onResolve({ filter: /\/(?:picture|worker|compress)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import'
        ? { path: `./${path.replace(/^.*\/|\.ts$/g, '')}.js`, external: true }
        : undefined,
    );
  },
};

/**
 * zod comes inside the bundle, without the two global variables by which its copies find each other: importing visavis
 * touches no global, and what an app sets in its own zod does not reach ours.
 */
const ownZod: Plugin = {
  name: 'own-zod',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/core\/(?:core|registries)\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replaceAll('globalThis.__zod_', 'ownGlobals.__zod_')
        .replaceAll('(_a = globalThis)', '(_a = ownGlobals)');
      if (contents === text) throw new Error(`unable to keep zod to itself; ${path} reads differently now`);
      return { contents: `const ownGlobals = {};\n${contents}` };
    });
  },
};

/** The testing entry throws the errors of the main one, so that a client knows them as its own. */
const sharedErrors: Plugin = {
  name: 'shared-errors',
  setup({ initialOptions, onResolve }) {
    const path = initialOptions.format === 'cjs' ? './index.cjs' : './index.js';
    onResolve({ filter: /\/errors\.ts$/ }, () => ({ path, external: true }));
  },
};

/** Schemas of presets that an app does not use go away: webpack knows a call to be pure only where the call says so. */
const pureSchemas: Plugin = {
  name: 'pure-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/protocol\/[\w-]+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/\bz\.\w+\(/g, '/* @__PURE__ */ $&'),
      loader: 'ts',
    }));
  },
};

const shared: Options = {
  outDir: 'dist',
  target: 'es2022',
  platform: 'browser',
  esbuildPlugins: [lazy, ownZod, pureSchemas],
  sourcemap: true,
};

const main = { index: 'src/index.ts', avatar: 'src/avatar-only.ts', dom: 'src/dom/index.ts' };
const bindings = { react: 'src/react/index.ts', vue: 'src/vue/index.ts' };

export default defineConfig(({ dts }) => [
  {
    ...shared,
    entry: main,
    format: ['esm', 'cjs'],
    // With the types of the bindings, so that a client is the same type in all of them.
    dts: dts ?? { entry: { ...main, ...bindings } },
  },
  { ...shared, entry: bindings, format: ['esm', 'cjs'], splitting: false },
  {
    ...shared,
    entry: { testing: 'src/testing/index.ts', devtools: 'src/devtools/index.ts' },
    format: ['esm', 'cjs'],
    dts: dts ?? true,
    esbuildPlugins: [sharedErrors],
  },
  {
    ...shared,
    entry: {
      picture: 'src/picture/picture.ts',
      worker: 'src/picture/worker.ts',
      compress: 'src/picture/compress.ts',
    },
    format: 'esm',
    minify: true,
    splitting: false,
    noExternal: [/./],
  },
  {
    ...shared,
    entry: { doctor: 'src/doctor/doctor.ts' },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
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
