import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack, run } from './pack.ts';

const typeTests = resolve(import.meta.dirname, '../types');

/** The oldest that package.json allows, with the last types for it; the newest is what all other tests run with. */
const oldest = {
  react: '18.0.0',
  'react-dom': '18.0.0',
  '@types/react': '18.3.32',
  vue: '3.4.0',
  typescript: '5.9.3',
};

let app: string;
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'visavis-frameworks-'));
  const { tarball, remove } = pack();
  cpSync(tarball, join(app, 'visavis.tgz'));
  remove();
  const dependencies = { visavis: 'file:visavis.tgz', ...oldest };
  write('package.json', JSON.stringify({ private: true, dependencies }));
  run(app, 'npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund');
}, 300_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

function write(path: string, content: string) {
  writeFileSync(join(app, path), content);
}

const load = {
  mjs: (names: string, from: string) => `import { ${names} } from '${from}';`,
  cjs: (names: string, from: string) => `const { ${names} } = require('${from}');`,
};

const begin = `(async () => {
  const backend = createFakeBackend({ users: [{ id: 'u1', name: 'Maya' }] });
  const client = createClient(backend.device('u1').options);
  await client.users.get('u1');`;
const end = `client.dispose();
  console.log(html);
})();`;

const pages = {
  react: {
    imports: [
      ['createElement', 'react'],
      ['renderToString', 'react-dom/server'],
      ['Avatar, VisavisProvider', 'visavis/react'],
    ],
    render: `renderToString(createElement(VisavisProvider, { client }, createElement(Avatar, { userId: 'u1' })))`,
  },
  vue: {
    imports: [
      ['createSSRApp, h', 'vue'],
      ['renderToString', 'vue/server-renderer'],
      ['createVisavis, VisavisAvatar', 'visavis/vue'],
    ],
    render: `await renderToString(createSSRApp({ render: () => h(VisavisAvatar, { userId: 'u1' }) }).use(createVisavis(client)))`,
  },
} as const;

describe.each(['react', 'vue'] as const)('With the oldest %s that is allowed', (framework) => {
  it.each(['mjs', 'cjs'] as const)(
    '[PK9] a server renders by the installed package, in a .%s file',
    (ending) => {
      const { imports, render } = pages[framework];
      const lines = [
        load[ending]('createClient', 'visavis'),
        load[ending]('createFakeBackend', 'visavis/testing'),
        ...imports.map(([names, from]) => load[ending](names, from)),
        `${begin} const html = ${render}; ${end}`,
      ];
      const file = `${framework}.${ending}`;
      write(file, lines.join('\n'));
      expect(run(app, process.execPath, file)).toMatch(
        /^<span role="img" aria-label="Maya" style=".*">M<\/span>$/m,
      );
    },
  );

  it('[PK9] the types compile, strictly and with every library checked', () => {
    const text = readFileSync(join(typeTests, `${framework}.test-d.ts`), 'utf8');
    write(
      `${framework}.ts`,
      text
        .replace('../../src/index.ts', 'visavis')
        .replace(`../../src/${framework}/index.ts`, `visavis/${framework}`),
    );
    const options =
      '--strict --exactOptionalPropertyTypes --noEmit --module nodenext --target es2022 --lib es2022,dom';
    expect(() => run(app, 'npx', 'tsc', ...options.split(' '), `${framework}.ts`)).not.toThrow();
  });
});
