import { spawnSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import { parse } from 'vue/compiler-sfc';
import ownPackage from '../../package.json' with { type: 'json' };

/** Blocks in these languages are compiled with their types. */
export const compiled = new Set(['ts', 'tsx', 'vue']);

/** What is wrong with a block of code in the docs, as far as reading it tells. */
export function problemsOf(kind: string, code: string): string[] {
  const problems = readers[kind]?.(code);
  return problems ?? [`nothing here reads "${kind}"`];
}

const readers: Readonly<Record<string, (code: string) => string[]>> = {
  js: (code) => attempt(() => transformSync(code, { format: 'esm', logLevel: 'silent' })),
  css: (code) => {
    const { warnings } = transformSync(code, { loader: 'css', logLevel: 'silent' });
    return warnings.map(({ text }) => text);
  },
  json: (code) => attempt(() => JSON.parse(code)),
  html(code) {
    const { errors } = parse(`<template>${code.replace(/<script.*?<\/script>/gs, '')}</template>`);
    const scripts = [...code.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script = '']) => script);
    return [
      ...errors.map(({ message }) => message),
      ...scripts.flatMap((script) => readers.js?.(script) ?? []),
    ];
  },
  sh(code) {
    const { stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
    const called = [...code.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name);
    const known: Readonly<Record<string, string>> = { ...ownPackage.scripts, dev: 'of the app in the guide' };
    return [...(stderr ? [stderr] : []), ...called.filter((name) => !(name in known))];
  },
  // What a tool has printed.
  text: () => [],
  sql: () => [],
};

function attempt(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [String(error)];
  }
}
