import { readdirSync, readFileSync } from 'node:fs';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** Packages whose code is inside files of ours, so that npm does not tell of them. */
const names = [
  '@socket.io/component-emitter',
  'browser-image-compression',
  'engine.io-client',
  'engine.io-parser',
  'eventemitter3',
  'socket.io-client',
  'socket.io-parser',
  'uzip',
  'zod',
];

export function bundledPackages(): BundledPackage[] {
  return names.map((name) => {
    const folder = new URL(`../node_modules/${name}/`, import.meta.url);
    const { version, license } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`unable to find the license of ${name}`);
    return { name, version, license, text: readFileSync(new URL(file, folder), 'utf8').trim() };
  });
}

/** The text of `THIRD-PARTY-LICENSES.txt`. */
export function licenseTexts(): string {
  const parts = bundledPackages().map(({ name, license, text }) => `${name} (${license})\n\n${text}\n`);
  return `Code of these packages is inside files of visavis.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
}
