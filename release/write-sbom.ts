import { writeFileSync } from 'node:fs';
import { sbomOf } from './sbom.ts';

const [tarball] = process.argv.slice(2);
if (tarball === undefined) throw new TypeError('name the tarball that `npm pack` made');
const path = tarball.replace(/(\.tgz)?$/, '.cdx.json');
writeFileSync(path, `${JSON.stringify(sbomOf(tarball), null, 2)}\n`);
process.stdout.write(`${path}\n`);
