import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ownPackages from '../../package.json' with { type: 'json' };
import { pack, run } from './pack.ts';

const { react, vue, '@types/react': reactTypes } = ownPackages.devDependencies;
const frameworks = { react, vue, '@types/react': reactTypes };
const typeTests = resolve(import.meta.dirname, '../types');
const compilers = { typescript5: '5.9.3', typescript6: '6.0.3', typescript7: '7.0.2' };
/** What the type tests import, and as what an app does. */
const entries = {
  '../../src/index.ts': 'visavis',
  '../../src/dom/index.ts': 'visavis/dom',
  '../../src/avatar-only.ts': 'visavis/avatar',
  '../../src/devtools/index.ts': 'visavis/devtools',
  '../../src/react/index.ts': 'visavis/react',
  '../../src/testing/index.ts': 'visavis/testing',
  '../../src/vue/index.ts': 'visavis/vue',
};
/** The oldest that package.json allows, and the one between it and ours; npm has them as packages of one file. */
const olderNodes = { node20: '20.19.0', node22: '22.23.3' };
const ownSystem = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
type Node = keyof typeof olderNodes | 'node24';

let app: string;
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'visavis-app-'));
  const { tarball, remove } = pack();
  cpSync(tarball, join(app, 'visavis.tgz'));
  remove();
  const aliases = [
    ...Object.entries(compilers).map(([name, version]) => [name, `npm:typescript@${version}`]),
    ...Object.entries(olderNodes).map(([name, version]) => [name, `npm:${ownSystem}@${version}`]),
  ];
  write('package.json', {
    private: true,
    dependencies: { visavis: 'file:visavis.tgz', ...frameworks },
    devDependencies: Object.fromEntries(aliases),
  });
  run(app, 'npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund');
}, 300_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

function write(path: string, content: string | object) {
  writeFileSync(join(app, path), typeof content === 'string' ? content : JSON.stringify(content));
}

const pathOf = (node: Node) =>
  node === 'node24' ? process.execPath : join(app, 'node_modules', node, 'bin/node');

/** Runs a script in the app and returns the JSON it printed last; it must end by itself. */
function script(node: Node, name: string, text: string) {
  write(name, text);
  return JSON.parse(run(app, pathOf(node), name).trim().split('\n').at(-1) ?? '');
}

const picture = `new Blob([Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (c) => c.charCodeAt(0))])`;

const useIt = `
  const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
  const refusal = await client.avatar.inspect(new Blob(['no picture'])).catch((error) => error);
  const { type, width, height } = await client.avatar.inspect(${picture});
  client.dispose();
  console.log(JSON.stringify({
    names: Object.keys(visavis).sort(),
    refusal: [refusal instanceof FileError, refusal instanceof VisavisError, refusal instanceof Error, refusal.code],
    wrong: (() => { try { createClient({ baseUrl: 'x', userId: 'u1' }) } catch (error) { return error.name } })(),
    picture: { type, width, height },
  }));`;

const used = {
  names: [
    'FileError',
    'HttpError',
    'NetworkError',
    'RealtimeError',
    'ResponseError',
    'TimeoutError',
    'UploadError',
    'VisavisError',
    'answeredByEvents',
    'avatarUrl',
    'chat',
    'chatV2',
    'createClient',
    'definePreset',
    'directUpload',
    'errorCodes',
    'formUpload',
    'localMemory',
    'media',
    'pictureForm',
    'pollEvery',
    'presigned',
    'privatePictures',
    'profilePicture',
    'profilePictureJson',
    'rememberIn',
    'runningRoutes',
    'uploadRoute',
    'userFacts',
    'version',
  ],
  refusal: [true, true, true, 'FILE_TYPE'],
  wrong: 'TypeError',
  picture: { type: 'image/png', width: 1, height: 1 },
};

/** The fake backend's errors must be the client's own, or the client takes them for something unknown. */
const testIt = `
  const backend = createFakeBackend({ users: [{ id: 'u1', name: 'Maya' }] });
  const client = createClient({ ...backend.device('u1').options, putFile: () => { throw new Error('unused') } });
  const other = backend.device('u1');
  other.line.goOffline();
  const failure = await other.putFile({ ticket: { url: backend.storageUrl + '/x', method: 'PUT', headers: {} },
    blob: new Blob(['x']), signal: new AbortController().signal, stallMs: 1000, clock: other.options.clock, onProgress() {} })
    .catch((error) => error);
  console.log(JSON.stringify({ name: (await client.users.get('u1')).name, isOurs: failure instanceof NetworkError }));
  client.dispose();`;

const quiet = `
  const describe = () => {
    const found = Object.getOwnPropertyDescriptors(globalThis);
    return new Map(Reflect.ownKeys(found).map((name) => [name, found[name].value ?? found[name].get]));
  };
  // Node makes some of its own globals and streams at first sight.
  for (const name of Reflect.ownKeys(globalThis)) globalThis[name];
  process.stdout.write(' ');
  process.stderr.write(' ');
  // Frameworks leave marks of their own.
  await Promise.all(['react', 'vue'].map((name) => import(name)));
  const before = { globals: describe(), resources: process.getActiveResourcesInfo() };
  const { createClient } = await import('visavis');
  for (const entry of ['avatar', 'devtools', 'dom', 'react', 'testing', 'vue']) await import(\`visavis/\${entry}\`);
  const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1', getToken: () => 'token' });
  client.users.live('u1').getSnapshot();
  client.realtime.on('avatarUpdated', () => {});
  const after = { globals: describe(), resources: process.getActiveResourcesInfo() };
  const names = new Set([...before.globals.keys(), ...after.globals.keys()]);
  console.log(\`\\n\${JSON.stringify({
    touched: [...names].filter((name) => !Object.is(before.globals.get(name), after.globals.get(name))).map(String),
    opened: after.resources.slice(before.resources.length),
  })}\`);`;

describe.each<Node>(['node20', 'node22', 'node24'])('In %s the installed package', (node) => {
  it('[PK3] is imported as an ES module, and its errors are its own', () => {
    const text = `import * as visavis from 'visavis';\nconst { createClient, FileError, VisavisError } = visavis;${useIt}`;
    expect(script(node, 'esm.mjs', text)).toEqual(used);
  });

  it('[PK3] is required as a CommonJS module, and its errors are its own', () => {
    const text = `const visavis = require('visavis');\nconst { createClient, FileError, VisavisError } = visavis;\n(async () => {${useIt}})();`;
    expect(script(node, 'cjs.cjs', text)).toEqual(used);
  });

  it.each([
    ['ES module', 'fake.mjs', (names: string, from: string) => `import { ${names} } from '${from}';`],
    [
      'CommonJS module',
      'fake.cjs',
      (names: string, from: string) => `const { ${names} } = require('${from}');`,
    ],
  ])('[PK3] comes with a fake backend as an %s, whose errors are those of the client', (_, file, load) => {
    const imports =
      load('createClient, NetworkError', 'visavis') + load('createFakeBackend', 'visavis/testing');
    expect(script(node, file, `${imports}\n(async () => {${testIt}})();`)).toEqual({
      name: 'Maya',
      isOurs: true,
    });
  });

  it('[PK10] has a doctor to call by npx', () => {
    const call = (...args: string[]) =>
      run(
        app,
        'env',
        `PATH=${dirname(pathOf(node))}:${process.env.PATH}`,
        'npx',
        '--no-install',
        'visavis',
        ...args,
      );
    expect(call('--help')).toMatch(/^usage: visavis doctor <url>/);
    const nowhere = [
      'doctor',
      'http://127.0.0.1:1',
      '--user',
      'u1',
      '--preset',
      'presigned,chatV2',
      '--json',
    ];
    expect(() => call(...nowhere)).toThrow(
      expect.objectContaining({ status: 1, stdout: expect.stringContaining('"verdict": "broken"') }),
    );
    expect(() => call('doctor')).toThrow(expect.objectContaining({ status: 2 }));
  });

  it('is the version it is called', () => {
    const major = script(node, 'version.mjs', 'console.log(process.versions.node.split(".")[0])');
    expect(`node${major}`).toBe(node);
  });

  it('[CL1] opens nothing and touches no global before it is asked to', () => {
    expect(script(node, 'quiet.mjs', quiet)).toEqual({ touched: [], opened: [] });
  });
});

describe.each(Object.keys(compilers))('With %s', (compiler) => {
  it.each([
    ['ES modules', 'nodenext', 'nodenext', 'mts'],
    ['CommonJS', 'nodenext', 'nodenext', 'cts'],
    ['a bundler', 'esnext', 'bundler', 'ts'],
  ])(
    '[PK4] the types compile for %s, strictly and with every library checked',
    (_, module, moduleResolution, ending) => {
      const folder = join(compiler, ending);
      mkdirSync(join(app, folder), { recursive: true });
      for (const file of readdirSync(typeTests)) {
        const text = readFileSync(join(typeTests, file), 'utf8');
        const installed = Object.entries(entries).reduce(
          (all, [source, name]) => all.replace(source, name),
          text,
        );
        write(join(folder, file.replace(/ts$/, ending)), installed);
      }
      write(join(folder, 'tsconfig.json'), {
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2022',
          lib: ['es2022', 'dom', 'dom.iterable'],
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
        },
        include: ['*'],
      });
      expect(() => run(app, 'node', `node_modules/${compiler}/bin/tsc`, '-p', folder)).not.toThrow();
    },
  );
});
