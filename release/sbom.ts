import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundledPackages } from './bundled.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

interface Dependencies {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

/** A CycloneDX document, as far as it is looked at here. */
export interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependencies[];
}

/** What comes with the packed package: what npm installs beside it, and what is inside its files. */
export function sbomOf(tarball: string): Bom {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-sbom-'));
  const npm = (...args: string[]) =>
    execFileSync('npm', args, {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      // npm tells its own settings to what it runs; they must not reach an npm in another folder.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
    });
  try {
    const dependencies = { visavis: `file:${resolve(tarball)}` };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'app', version: '0.0.0', dependencies }),
    );
    const quick = ['--package-lock-only', '--prefer-offline', '--ignore-scripts', '--no-audit'];
    npm('install', '--omit=peer', ...quick);
    const text = npm('sbom', '--package-lock-only', '--omit=peer', '--sbom-format=cyclonedx');
    const installed: Bom = JSON.parse(text);
    const own = installed.components.find(({ name }) => name === 'visavis');
    if (!own) throw new Error('unable to find visavis in its own list');
    const ref = own['bom-ref'];
    const published = { ...own, purl: `pkg:npm/visavis@${own.version}` };
    const others = installed.components.filter((component) => component !== own);
    const inside = bundledPackages().map(({ name, version, license }) => ({
      'bom-ref': `${ref}#${name}@${version}`,
      type: 'library',
      name,
      version,
      scope: 'required',
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [{ license: { id: license } }],
      properties: [{ name: 'visavis:bundled', value: 'true' }],
    }));
    return {
      ...installed,
      metadata: { ...installed.metadata, component: published },
      components: [...others, ...inside],
      dependencies: installed.dependencies
        .filter((one) => one.ref === ref || others.some((component) => component['bom-ref'] === one.ref))
        .map((one) =>
          one.ref === ref
            ? { ...one, dependsOn: [...(one.dependsOn ?? []), ...inside.map((part) => part['bom-ref'])] }
            : one,
        ),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
