// How soon others learn of a new picture: `complete` answered here → `avatarUpdated` emitted there, over the reference
// server with its embedded database, beside a bare Socket.IO round trip in the same run.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { createClient, type EncodedPicture } from '../src/index.ts';
import { ReferenceServer } from '../test/support/reference-server.ts';
import { report, target } from './report.ts';

const rounds = 300;
const warmUp = 30;

if (process.argv[2] === 'bare-server') await serveBare();
else await measure();

async function measure() {
  const server = new ReferenceServer();
  await server.start();
  const bare = fork(fileURLToPath(import.meta.url), ['bare-server']);
  try {
    const [port] = await once(bare, 'message');
    const echo = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    await new Promise<void>((resolve) => echo.once('connect', () => resolve()));
    const [alice, bob] = await Promise.all(['u1', 'u2'].map((userId) => connect(server, userId)));
    if (!alice || !bob) throw new Error('unable to connect');
    const pictures = await encode();

    const rows = {
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
      const pinged = performance.now();
      await echo.emitWithAck('ping');
      if (round < 0) continue;
      rows.answered.push(Math.max(0, at - answered));
      rows.asked.push(at - asked);
      rows.whole.push(at - started);
      rows.bare.push(performance.now() - pinged);
    }
    alice.dispose();
    bob.dispose();
    echo.close();

    const row = (name: string, values: number[]) => ({
      name,
      'p50 ms': quantile(values, 0.5),
      'p99 ms': quantile(values, 0.99),
      'max ms': quantile(values, 1),
    });
    report({
      env: {
        node: process.version,
        cpu: cpus()[0]?.model,
        cores: cpus().length,
        rounds,
        server: 'PGlite, disk',
      },
      results: [
        row('complete answered → avatarUpdated at another client', rows.answered),
        row('complete asked → avatarUpdated at another client', rows.asked),
        row('presign + 2 puts + complete → avatarUpdated at another client', rows.whole),
        row('bare Socket.IO round trip with ack', rows.bare),
      ],
      targets: [
        target('complete answered → avatarUpdated, p50 ms', quantile(rows.answered, 0.5), '≤', 15),
        target('complete asked → avatarUpdated, p50 ms', quantile(rows.asked, 0.5), '≤', 15),
      ],
    });
  } finally {
    bare.kill();
    await server.stop();
  }
}

async function connect(server: ReferenceServer, userId: string) {
  const token = await server.login(userId);
  const client = createClient({ baseUrl: server.url, userId, getToken: () => token });
  const live = new Promise<void>((resolve) => {
    client.realtime.on('statusChanged', ({ status }) => status === 'live' && resolve());
  });
  client.realtime.connect();
  await live;
  return client;
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

async function serveBare() {
  const http = createServer();
  new Server(http).on('connection', (socket) => socket.on('ping', (ack: () => void) => ack()));
  http.listen(0, '127.0.0.1', () => {
    const address = http.address();
    process.send?.(typeof address === 'object' ? address?.port : null);
  });
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
