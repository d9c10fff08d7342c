// What src/ imports when it runs: types are gone, dynamic imports show as such.
import lanes, { bindings } from './.dependency-cruiser.mjs';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule('no-circle', 'no file imports itself, however far round', {}, { circular: true }),
    rule(
      'ground-bare',
      'models, errors and facts import nothing; lib imports lib',
      { path: '^src/(lib/|(chat-)?models|errors|facts|version)' },
      { path: '^src/', pathNot: '^src/lib/' },
    ),
    rule(
      'bindings-bare',
      'a binding imports nothing of the client when it runs',
      { path: `^src/(bindings|${bindings.join('|')})/` },
      { path: '^src/', pathNot: ['^src/bindings/', '^src/$1/'] },
    ),
    rule(
      'picture-lazy',
      'the picture code is loaded when a picture is picked',
      { path: '^src/avatar/encoder\\.ts$' },
      { path: '^src/picture/', dynamic: false },
    ),
  ],
  options: { ...lanes.options, tsPreCompilationDeps: false },
};
