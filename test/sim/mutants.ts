import { registerHooks } from 'node:module';
import type { WireLevel } from '../../src/testing/index.ts';

/** A bug to plant: lines of the product that are replaced in memory while it is loaded. */
export interface Mutant {
  readonly name: string;
  /** Where it makes a difference. */
  readonly levels: readonly WireLevel[];
  readonly edits: readonly {
    /** Below `src/`. */
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'avatar last-write-wins',
    levels: [2],
    edits: [
      {
        file: 'store/users.ts',
        find: 'return order > 0 || (order === 0 && content(fact) > content(held));',
        replace: 'return order !== 0 || content(fact) > content(held);',
      },
    ],
  },
];

/** From now on the product is loaded with the bug in it. Throws when the lines are not there any more. */
export function plantByName(wanted: string): void {
  const mutant = mutants.find(({ name }) => name === wanted);
  if (!mutant) throw new Error(`there is no mutant "${wanted}"`);
  plant(mutant);
}

function plant({ name, edits }: Mutant): void {
  const root = new URL('../../src/', import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const mine = edits.filter(({ file }) => url === `${root}${file}`);
      if (mine.length === 0) return loaded;
      let source = String(loaded.source);
      if (typeof loaded.source === 'object') source = new TextDecoder().decode(loaded.source);
      for (const { file, find, replace } of mine) {
        if (source.split(find).length !== 2) {
          throw new Error(`unable to plant "${name}"; src/${file} does not have exactly one "${find}"`);
        }
        source = source.replace(find, () => replace);
      }
      return { ...loaded, source };
    },
  });
}
