import { beforeEach, describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../src/chat/outbox-item.ts';
import { HttpError, NetworkError } from '../../src/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { draft, openPage, type PageOptions } from '../support/memory-outbox.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

interface Upload {
  readonly item: OutboxItem;
  progress(fraction: number): void;
  finish(): Promise<void>;
  fail(reason: unknown): Promise<void>;
}

let clock: FakeClock;
let disk: MemoryDisk;
beforeEach(() => {
  clock = new FakeClock();
  disk = new MemoryDisk();
});

const file = new Blob(['a photo'], { type: 'image/jpeg' });
const photo = (text = 'look', media: Blob = file) => ({ ...draft(text), media });

async function open(options: PageOptions = {}) {
  const uploads: Upload[] = [];
  const page = await openPage(clock, {
    disk,
    upload: (item, signal, onProgress) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        uploads.push({
          item,
          progress: onProgress,
          finish() {
            resolve(`https://cdn.example.com/${uploads.length}`);
            return settle();
          },
          fail(reason) {
            reject(reason);
            return settle();
          },
        });
      }),
    ...options,
  });
  return {
    page,
    uploads,
    async send(media?: Blob) {
      await page.outbox.add(photo('look', media)).stored;
      await settle();
    },
    last() {
      const upload = uploads.at(-1);
      if (!upload) throw new Error('nothing is put up');
      return upload;
    },
  };
}

describe('a message with a file', () => {
  it('[MF1] shows at once and is put up after it is stored; its address is stored before it is sent', async () => {
    const { page, send, last } = await open();
    await send();
    expect(page.item('look')).toMatchObject({ state: 'sending', media: file, mediaUrl: null, progress: 0 });
    expect([...disk.records.values()]).toMatchObject([{ text: 'look', media: expect.any(Blob) }]);
    expect(page.tries).toEqual([]);
    last().progress(0.5);
    expect(page.item('look')).toMatchObject({ progress: 0.5 });
    await last().finish();
    const mediaUrl = 'https://cdn.example.com/1';
    expect(page.last('look').item).toMatchObject({ mediaUrl, media: null, progress: null });
    expect([...disk.records.values()]).toMatchObject([{ mediaUrl, media: null }]);
    await page.last('look').arrive();
    expect([page.states(), disk.records.size]).toEqual([[], 0]);
  });

  it('[MF1] holds up what was written after it', async () => {
    const { page, send, last } = await open();
    await send();
    await page.say('later');
    expect(page.tried()).toEqual([]);
    await last().finish();
    await page.last('look').arrive();
    expect(page.tried()).toEqual(['look', 'later']);
  });

  it.each([0, 1] as const)(
    '[MF2] is put up again after a reload, and not looked for, at level %i',
    async (level) => {
      const first = await open({ level });
      await first.send();
      first.page.crash();
      const second = await open({ level });
      expect(second.uploads.map(({ item }) => [item.text, item.mayHaveArrived])).toEqual([['look', false]]);
      await second.last().finish();
      await second.page.last('look').arrive();
      expect([second.page.looks, second.page.states()]).toEqual([[], []]);
    },
  );

  it('[MF2] is not put up again once it has an address', async () => {
    const first = await open();
    await first.send();
    await first.last().finish();
    first.page.crash();
    const second = await open();
    expect(second.uploads).toEqual([]);
    expect(second.page.last('look').item).toMatchObject({ mediaUrl: 'https://cdn.example.com/1' });
  });

  it.each([0, 1] as const)(
    '[MF3] is tried again when putting it up may pass, and has not arrived by that, at level %i',
    async (level) => {
      const { page, send, last, uploads } = await open({ level });
      await send();
      for (const reason of [new NetworkError('lost'), new HttpError('no', { status: 503 })]) {
        await last().fail(reason);
        expect(page.item('look')).toMatchObject({ state: 'queued', mayHaveArrived: false, progress: null });
        await clock.advance(60_000);
      }
      expect(uploads).toHaveLength(3);
      await last().finish();
      await page.last('look').arrive();
      expect([page.looks, page.states()]).toEqual([[], []]);
    },
  );

  it('[MF3] is set aside when the file is refused, keeps it, and puts it up when tried again', async () => {
    const { page, send, last, uploads } = await open();
    await send();
    await last().fail(new HttpError('no', { status: 415 }));
    expect(page.item('look')).toMatchObject({ state: 'failed', media: file, progress: null });
    page.outbox.retry(page.item('look')?.clientId ?? '');
    await settle();
    expect(uploads).toHaveLength(2);
    await last().finish();
    expect(page.tried()).toEqual(['look']);
  });

  it('[MF3] is not sent when it was discarded, or the sending paused, meanwhile', async () => {
    const { page, send, last } = await open();
    await send();
    page.outbox.pause();
    await last().finish();
    expect([page.tried(), page.states()]).toEqual([[], ['look queued']]);
    page.outbox.resume();
    await settle();
    expect(page.tried()).toEqual(['look']);
    await page.last('look').arrive();
    await send();
    page.outbox.discard(page.item('look')?.clientId ?? '');
    await last().finish();
    expect([page.tried(), page.states(), disk.records.size]).toEqual([['look'], [], 0]);
  });

  it('[MF4] is refused when files of 50 MB wait already', async () => {
    const { page } = await open({ start: false, limits: { maxMediaBytes: 10 } });
    page.outbox.add(photo());
    expect(() => page.outbox.add(photo())).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE', retryable: true }),
    );
    page.outbox.add(draft('a text'));
    expect(page.states()).toEqual(['look queued', 'a text queued']);
  });
});
