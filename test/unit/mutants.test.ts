import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mutants } from '../sim/mutants.ts';

test.each(mutants)('the lines where “$name” is planted are there', async ({ edits }) => {
  for (const { file, find } of edits) {
    const source = await readFile(new URL(`../../src/${file}`, import.meta.url), 'utf8');
    expect(source.split(find), `${file}: ${find}`).toHaveLength(2);
  }
});
