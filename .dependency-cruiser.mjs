// The lanes of src/, types included. What counts at runtime only stands in .dependency-cruiser.runtime.mjs.

const features = ['avatar', 'users', 'realtime', 'chat', 'tabs'];
export const bindings = ['dom', 'react', 'vue', 'devtools'];

/** From the ground up: a lane imports from itself and from those before it, never from those after it. */
const lanes = [
  { name: 'ground', files: ['lib/', 'models.ts', 'chat-models.ts', 'errors.ts', 'facts.ts', 'version.ts'] },
  { name: 'protocol', files: ['protocol/'] },
  { name: 'transport', files: ['transport/', 'storage/'] },
  { name: 'store', files: ['store/'] },
  { name: 'features', files: features.map((feature) => `${feature}/`) },
  { name: 'presets', files: ['presets/'] },
  { name: 'options', files: ['options.ts'] },
  {
    name: 'client',
    files: ['avatar-client.ts', 'part.ts', 'hydration.ts', 'core.ts', 'chat-part.ts', 'client.ts'],
  },
  { name: 'index', files: ['index.ts'] },
  { name: 'bindings', files: ['bindings/', ...bindings.map((binding) => `${binding}/`)] },
  { name: 'entries', files: ['global.ts', 'script-tag/', 'avatar-only.ts', 'testing/', 'doctor/'] },
];

const path = (files) => `^src/(${files.join('|').replaceAll('.', '\\.')})`;
const above = (at) => lanes.slice(at + 1).flatMap(({ files }) => files);
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The only files that may know a package of others. */
const packages = {
  'zod/': '^src/protocol/',
  'socket.io-client/': '^src/transport/socket\\.ts$',
  'eventemitter3/': '^src/lib/emitter\\.ts$',
  'browser-image-compression/': '^src/picture/compress\\.ts$',
  'react/': '^src/react/',
  'vue/': '^src/vue/',
};

export default {
  forbidden: [
    ...lanes
      .slice(0, -1)
      .map(({ name, files }, at) =>
        rule(
          `lane-${name}`,
          'must not import what stands above it',
          { path: path(files) },
          { path: path(above(at)) },
        ),
      ),
    rule(
      'no-file-without-a-lane',
      'put a new file or folder of src/ into a lane',
      { path: '^src/' },
      { path: '^src/', pathNot: [path(lanes.flatMap(({ files }) => files)), '^src/picture/'] },
    ),
    rule(
      'features-apart',
      'features meet in core.ts and chat-part.ts only',
      { path: `^src/(${features.join('|')})/` },
      { path: `^src/(${features.join('|')})/`, pathNot: '^src/$1/' },
    ),
    rule(
      'bindings-by-types',
      'a binding sees the types of index.ts and what bindings share, so that it takes any client and brings none',
      { path: `^src/(bindings|${bindings.join('|')})/` },
      { path: '^src/', pathNot: ['^src/index\\.ts$', '^src/bindings/', '^src/$1/'] },
    ),
    rule(
      'store-pure',
      'state knows neither the wire nor the network',
      { path: '^src/store/' },
      { path: '^src/(protocol|transport)/' },
    ),
    rule(
      'picture-island',
      'the picture code is a bundle of its own: it imports nothing of ours, and of others what shrinks pictures',
      { path: '^src/picture/' },
      { pathNot: ['^src/picture/', '/browser-image-compression/'] },
    ),
    rule(
      'picture-door',
      'only the encoder knows the picture code',
      { path: '^src/', pathNot: ['^src/picture/', '^src/avatar/encoder\\.ts$'] },
      { path: '^src/picture/' },
    ),
    ...Object.entries(packages).map(([name, owner]) =>
      rule(
        `${name.slice(0, -1)}-in-its-place`,
        'a package of others is known in one place',
        { path: '^src/', pathNot: owner },
        { path: `(^|/)node_modules/${name.replaceAll('.', '\\.')}` },
      ),
    ),
    rule(
      'zod-mini-only',
      'classic zod weighs 20 kB more',
      { path: '^src/' },
      { path: '(^|/)node_modules/zod/(?!mini/)' },
    ),
    rule(
      'no-node',
      'src runs in pages, but for the doctor',
      { path: '^src/', pathNot: '^src/doctor/' },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'src-alone',
      'src knows no other folder',
      { path: '^src/' },
      { path: '^(test|examples|bench|docs)/' },
    ),
    rule(
      'dependencies-only',
      'src imports what package.json lists under dependencies, what the build takes inside, and its peers',
      { path: '^src/' },
      {
        pathNot: '/(zod|browser-image-compression|react|vue|@types/react)/',
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
      },
    ),
    rule('resolvable', 'every import leads to a file', { path: '^src/' }, { couldNotResolve: true }),
    rule(
      'no-orphan',
      'every file is reached from an entry or a test',
      {
        path: '^(src/(global|avatar-only|(testing|react|vue)/index|doctor/doctor|picture/worker)\\.ts$|test/)',
      },
      {
        path: '^src/.*\\.ts$',
        pathNot: ['^src/(global|avatar-only|(testing|react|vue)/index|doctor/doctor)\\.ts$'],
        reachable: false,
      },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'default'], exportsFields: ['exports'] },
  },
};
