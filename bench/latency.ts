// How soon others learn of a new picture: `complete` answered here → `avatarUpdated` emitted there, over the reference
// server with its embedded database, beside a bare Socket.IO round trip in the same run.

import { cpus } from 'node:os';
import sharp from 'sharp';
import type { EncodedPicture } from '../src/index.ts';
import { ReferenceServer } from '../test/support/reference-server.ts';
import { connectClient, quantile, startBare, timesRow } from './end-to-end.ts';
import { report, target } from './report.ts';

const rounds = 300;
const warmUp = 30;

const server = new ReferenceServer();
await server.start();
const bare = await startBare();
try {
  const [alice, bob] = [await connectClient(server, 'u1'), await connectClient(server, 'u2')];
  const pictures = await encode();

  const times = {
    answered: [] as number[],
    asked: [] as number[],
    whole: [] as number[],
    bare: [] as number[],
  };
  for (let round = -warmUp; round < rounds; round += 1) {
    const seen = new Promise<number>((resolve) => {
      bob.realtime.once('avatarUpdated', () => resolve(performance.now()));
    });
    const started = performance.now();
    const { uploads } = await alice.avatar.presign(pictures);
    await Promise.all(
      uploads.map(({ kind, url, headers }) => {
        const blob = pictures.find((picture) => picture.kind === kind)?.blob ?? new Blob();
        return fetch(url, { method: 'PUT', headers, body: blob });
      }),
    );
    const asked = performance.now();
    await alice.avatar.complete(uploads);
    const answered = performance.now();
    const at = await seen;
    const roundTrip = await bare.roundTrip();
    if (round < 0) continue;
    times.answered.push(Math.max(0, at - answered));
    times.asked.push(at - asked);
    times.whole.push(at - started);
    times.bare.push(roundTrip);
  }
  alice.dispose();
  bob.dispose();

  report({
    env: {
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      rounds,
      server: 'PGlite, disk',
    },
    results: [
      timesRow('complete answered → avatarUpdated at another client', times.answered),
      timesRow('complete asked → avatarUpdated at another client', times.asked),
      timesRow('presign + 2 puts + complete → avatarUpdated at another client', times.whole),
      timesRow('bare Socket.IO round trip with ack', times.bare),
    ],
    targets: [
      target('complete answered → avatarUpdated, p50 ms', quantile(times.answered, 0.5), '≤', 15),
      target('complete asked → avatarUpdated, p50 ms', quantile(times.asked, 0.5), '≤', 15),
    ],
  });
} finally {
  bare.stop();
  await server.stop();
}

async function encode(): Promise<EncodedPicture[]> {
  const encodeOne = async (kind: EncodedPicture['kind'], size: number): Promise<EncodedPicture> => {
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    const image = sharp({ create: { width: size, height: size, channels: 3, background: '#888', noise } });
    const bytes = await image.webp({ quality: 82 }).toBuffer();
    return {
      kind,
      size,
      type: 'image/webp',
      blob: new Blob([new Uint8Array(bytes)], { type: 'image/webp' }),
    };
  };
  return Promise.all([encodeOne('avatar', 256), encodeOne('thumb', 64)]);
}
