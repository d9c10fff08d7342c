// Minified by esbuild, gzip -9. Targets stand in the names, limits are hard; docs/decisions/0008 says why they differ.
const lazy = ['*/picture.js'];

export default [
  {
    name: 'createClient, with socket.io-client (target 30 KiB)',
    path: 'dist/index.js',
    import: '{ createClient }',
    ignore: lazy,
    limit: '64 KiB',
    gzip: true,
  },
  {
    name: 'createClient, without socket.io-client (target 17 KiB)',
    path: 'dist/index.js',
    import: '{ createClient }',
    ignore: [...lazy, 'socket.io-client'],
    limit: '52 KiB',
    gzip: true,
  },
  {
    name: 'createAvatarClient, with socket.io-client (target 30 KiB)',
    path: 'dist/avatar.js',
    import: '{ createAvatarClient }',
    ignore: lazy,
    limit: '41 KiB',
    gzip: true,
  },
  {
    name: 'visavis/dom: the element (target 3 KiB)',
    path: 'dist/dom.js',
    import: '{ defineAvatarElement, connectVisavis }',
    limit: '2.5 KiB',
    gzip: true,
  },
  {
    name: 'visavis/dom, with containers, uploads and events (target 3 KiB)',
    path: 'dist/dom.js',
    limit: '4.5 KiB',
    gzip: true,
  },
  {
    name: 'visavis.global.js, the script tag (target 34 KiB)',
    path: 'dist/visavis.global.js',
    disablePlugins: ['@size-limit/esbuild'],
    limit: '76 KiB',
    gzip: true,
  },
  {
    name: 'visavis/react, everything',
    path: 'dist/react.js',
    limit: '2 KiB',
    gzip: true,
  },
  {
    name: 'visavis/vue, everything',
    path: 'dist/vue.js',
    limit: '2.5 KiB',
    gzip: true,
  },
  {
    name: 'picture.js, loaded when a picture is picked',
    path: 'dist/picture.js',
    disablePlugins: ['@size-limit/esbuild'],
    limit: '6 KiB',
    gzip: true,
  },
  {
    name: 'worker.js, loaded by picture.js',
    path: 'dist/worker.js',
    disablePlugins: ['@size-limit/esbuild'],
    limit: '6 KiB',
    gzip: true,
  },
  {
    name: 'compress.js, loaded by picture.js when a picture has too many bytes',
    path: 'dist/compress.js',
    disablePlugins: ['@size-limit/esbuild'],
    limit: '24 KiB',
    gzip: true,
  },
];
