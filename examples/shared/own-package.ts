import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Where Vite finds visavis in this repository. An app of yours has it from npm, and needs none of this. */
export const ownPackage = [
  { find: /^visavis$/, replacement: `${dist}/index.js` },
  { find: /^visavis\/(\w+)$/, replacement: `${dist}/$1.js` },
];
