import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps what is not for everybody's PATH; the newest version last. */
const places = ['/usr/sbin', '/usr/lib/postgresql/*/bin'];

/** The path of an installed program, or an error that says how to get it. */
export function findProgram(name: string, debianPackage: string): string {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...places.flatMap((place) => globSync(place)),
  ];
  const found = folders.map((folder) => join(folder, name)).findLast(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`unable to find ${name}; install it: apt-get install ${debianPackage}`);
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
