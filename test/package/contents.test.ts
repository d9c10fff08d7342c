import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledPackages, licenseTexts } from '../../release/bundled.ts';
import { sbomOf } from '../../release/sbom.ts';
import { type Packed, pack } from './pack.ts';

let packed: Packed;
beforeAll(() => {
  packed = pack();
});
afterAll(() => packed?.remove());

describe('The package', () => {
  it('[PK1] holds the bundles, their types and the papers, nothing else', () => {
    // What two entries share stands in files that are named by their content.
    const names = packed.files.map((file) => file.replace(/^dist\/[\w-]+-[\w-]{8}(?=\.)/, 'dist/shared-*'));
    expect([...new Set(names)].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'dist/avatar.cjs',
      'dist/avatar.d.cts',
      'dist/avatar.d.ts',
      'dist/avatar.js',
      'dist/compress.js',
      'dist/devtools.cjs',
      'dist/devtools.d.cts',
      'dist/devtools.d.ts',
      'dist/devtools.js',
      'dist/doctor.js',
      'dist/dom.cjs',
      'dist/dom.d.cts',
      'dist/dom.d.ts',
      'dist/dom.js',
      'dist/index.cjs',
      'dist/index.d.cts',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/picture.js',
      'dist/react.cjs',
      'dist/react.d.cts',
      'dist/react.d.ts',
      'dist/react.js',
      'dist/shared-*.d.cts',
      'dist/shared-*.d.ts',
      'dist/shared-*.js',
      'dist/testing.cjs',
      'dist/testing.d.cts',
      'dist/testing.d.ts',
      'dist/testing.js',
      'dist/visavis.global.js',
      'dist/vue.cjs',
      'dist/vue.d.cts',
      'dist/vue.d.ts',
      'dist/vue.js',
      'dist/worker.js',
      'package.json',
    ]);
  });

  it('stays below two mebibytes on disk', () => {
    expect(packed.unpackedBytes).toBeLessThan(2 * 1024 * 1024);
  });

  it('[PK1] runs nothing when it is installed', () => {
    const { scripts } = JSON.parse(packed.read('package.json'));
    expect(Object.keys(scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$|^(pre|post)?prepare$/)]),
    );
  });

  it('needs two packages, and a framework only where it is bound to one', () => {
    const { dependencies, optionalDependencies, ...rest } = JSON.parse(packed.read('package.json'));
    expect(Object.keys(dependencies)).toEqual(['eventemitter3', 'socket.io-client']);
    expect(optionalDependencies).toBeUndefined();
    expect(rest.peerDependencies).toEqual({ react: '>=18', vue: '>=3.4' });
    expect(rest.peerDependenciesMeta).toEqual({ react: { optional: true }, vue: { optional: true } });
  });

  it.each(['react', 'vue'])('[PK9] has an entry for %s that brings no client, and no framework', (name) => {
    for (const file of [`dist/${name}.js`, `dist/${name}.cjs`]) {
      const imported = packed.read(file).matchAll(/from "(.*)";$|require\("(.*)"\)/gm);
      expect(new Set([...imported].map(([, a, b]) => a ?? b))).toEqual(new Set([name]));
    }
  });

  it('[PK9] tells servers that render components that those of React run in pages', () => {
    expect(packed.read('dist/react.js')).toMatch(/^"use client";/);
    expect(packed.read('dist/react.cjs')).toMatch(/^"use strict";\n"use client";/);
  });

  it('tells the version that its package.json has', () => {
    const { version } = JSON.parse(packed.read('package.json'));
    expect(packed.read('dist/index.cjs')).toContain(`"${version}"`);
  });

  it('imports those and no other', () => {
    const modules = packed.files.filter((file) => /^dist\/(index|avatar|chunk-.*)\.js$/.test(file));
    const imported = modules.flatMap((file) => [
      ...packed.read(file).matchAll(/^(?:import|\}) .*from "(.*)";$/gm),
    ]);
    const packages = imported.flatMap(([, name]) => (name?.startsWith('./') ? [] : [name]));
    expect(new Set(packages)).toEqual(new Set(['eventemitter3', 'socket.io-client']));
  });

  it('[PK11] comes with the license of every package whose code is inside it', () => {
    const inside = [...packed.inputs('iife'), ...packed.inputs('cjs')].flatMap(([path, bytes]) =>
      bytes === 0 ? [] : [...path.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name),
    );
    const lazy = ['browser-image-compression', 'uzip'];
    const names = bundledPackages().map(({ name }) => name);
    expect(names).toEqual([...new Set([...inside, ...lazy])].sort());
    expect(packed.read('THIRD-PARTY-LICENSES.txt')).toBe(licenseTexts());
    expect(licenseTexts().match(/Copyright/g)?.length).toBeGreaterThanOrEqual(names.length);
  });

  it('[PK11] has a list of all that comes with it', () => {
    const { metadata, components, dependencies } = sbomOf(packed.tarball);
    const { version } = JSON.parse(packed.read('package.json'));
    expect(metadata.component.purl).toBe(`pkg:npm/visavis@${version}`);
    const names = components.map(({ name }) => name);
    expect(new Set(names)).toEqual(
      new Set([
        'debug',
        'engine.io-parser',
        'ms',
        'ws',
        'xmlhttprequest-ssl',
        ...bundledPackages().map(({ name }) => name),
      ]),
    );
    const known = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
    expect(known.size).toBe(components.length + 1);
    for (const { ref, dependsOn = [] } of dependencies)
      for (const one of [ref, ...dependsOn]) expect(known).toContain(one);
  });

  it('[PK6] has an entry for pictures alone, without the code of the chat', () => {
    const chatWords = ['new_message', 'indexedDB', 'queued'];
    const shared = packed.files.filter((file) => /^dist\/(avatar|chunk-.*)\.c?js$/.test(file));
    for (const word of chatWords) {
      expect(packed.read('dist/index.cjs')).toContain(word);
      for (const file of shared) expect(packed.read(file), `${word} in ${file}`).not.toContain(word);
    }
  });

  it('[PK1] points to no source map, because it ships none', () => {
    for (const file of packed.files) expect(packed.read(file), file).not.toContain('sourceMappingURL');
  });
});

/** Words that only the picture code says; each must be in picture.js or worker.js, or the test proves nothing. */
const pictureWords = [
  'createImageBitmap',
  'getImageData',
  'OffscreenCanvas',
  'WEBP',
  'GIF89a',
  'visavis-picture',
];

describe.each([
  ['the main bundle', 'cjs', ['dist/index.cjs']],
  ['the script-tag file', 'iife', ['dist/visavis.global.js']],
] as const)('In %s', (_, format, files) => {
  it('[PK2] is nothing of the image path', () => {
    const inputs = [...packed.inputs(format).keys()];
    expect(inputs).toContain('src/avatar/encoder.ts');
    expect(inputs.filter((path) => path.startsWith('src/picture/'))).toEqual([]);
    const lazy = packed.read('dist/picture.js') + packed.read('dist/worker.js');
    for (const word of pictureWords) {
      expect(lazy).toContain(word);
      for (const file of files) expect(packed.read(file), `${word} in ${file}`).not.toContain(word);
    }
  });

  it('[PK2] is the picture code only as a file to load later', () => {
    for (const file of files) expect(packed.read(file)).toMatch(/import\(["']\.\/picture\.js["']\)/);
  });

  it('[PK2] is what shrinks pictures only as a file that the picture code loads later', () => {
    expect(packed.read('dist/picture.js')).toMatch(/import\(["']\.\/compress\.js["']\)/);
    expect(packed.read('dist/compress.js')).not.toMatch(/from\s?["']/);
  });

  it('are neither classic zod nor a compressor nor a built-in of Node', () => {
    const present = [...packed.inputs(format)].filter(([, bytes]) => bytes > 0).map(([path]) => path);
    expect(
      present.filter((path) => /zod\/v\d\/classic|zod\/v3|browser-image-compression/.test(path)),
    ).toEqual([]);
    for (const file of files) expect(packed.read(file)).not.toMatch(/(?:require\(|from )["']node:/);
  });
});
