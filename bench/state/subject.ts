// One contender in one row, in a process of its own: `node subject.ts <contender> <row>`; runs a round per message.

import type { Contender } from './contender.ts';
import { type RowName, rows } from './rows.ts';

const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  floor: async () => (await import('./floor.ts')).floor,
  naive: async () => (await import('./naive.ts')).naive,
  stream: async () => (await import('./stream.ts')).stream,
  matrix: async () => (await import('./matrix.ts')).matrix,
  visavis: async () => (await import('./visavis.ts')).visavis,
};

const [, , name = '', row = ''] = process.argv;
const contender = await contenders[name]?.();
if (!contender || !(row in rows)) throw new Error(`unable to start; there is no ${name} in "${row}"`);
const round = await rows[row as RowName](contender);
process.on('message', async () => process.send?.(await round()));
process.on('disconnect', () => process.exit());
process.send?.('ready');
