import { writeFileSync } from 'node:fs';
import { licenseTexts } from './bundled.ts';

writeFileSync(new URL('../THIRD-PARTY-LICENSES.txt', import.meta.url), licenseTexts());
