import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { server } from 'vitest/browser';
import { createRenderer, inspect, type RenderedPicture } from '../../src/picture/picture.ts';
import { difference, pixelsOf } from '../support/pictures.ts';

declare global {
  interface ImportMeta {
    readonly env: { readonly VISAVIS_CORPORA?: string };
  }
}

type Outcome = { readonly pictures: RenderedPicture[] } | { readonly code: unknown; readonly error: unknown };

/** The folder named by the variable, which may be relative to the root of the project. */
const named = import.meta.env.VISAVIS_CORPORA ?? '';
const folder = named && new URL(named, `file://${server.config.root}/`).pathname.replace(/\/$/, '');
const limits = { maxBytes: 20_000_000, maxPixels: 50_000_000 };
const name = folder ? 'the picture corpora' : 'the picture corpora (skipped: VISAVIS_CORPORA is not set)';

describe.skipIf(!folder)(name, () => {
  const renderer = createRenderer();
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    const manifest: { file: string }[] = await (await get('MANIFEST.json')).json();
    for (const { file } of manifest) outcomes.set(file, await take(await (await get(file)).blob()));
  }, 120_000);
  afterAll(() => renderer.dispose());

  async function get(file: string): Promise<Response> {
    const response = await fetch(`/@fs${folder}/${file}`);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    return response;
  }

  async function take(blob: Blob): Promise<Outcome> {
    try {
      return { pictures: await renderer.render(blob, await inspect(blob, limits), { sizes: [96, 64] }) };
    } catch (error) {
      return { code: error instanceof Error && 'code' in error ? error.code : undefined, error };
    }
  }

  function under(prefix: string): [string, Outcome][] {
    const found = [...outcomes].filter(([file]) => file.startsWith(prefix));
    expect(found.length).toBeGreaterThan(0);
    return found;
  }

  function refused(pattern: RegExp): (string | unknown)[][] {
    return [...outcomes].flatMap(([file, outcome]) =>
      pattern.test(file) ? [[file, 'code' in outcome ? outcome.code : 'taken']] : [],
    );
  }

  test('is taken or refused with a fault, file by file', () => {
    expect(outcomes.size).toBeGreaterThan(100);
    for (const [file, outcome] of outcomes) {
      if ('error' in outcome) expect(outcome.error, file).toMatchObject({ name: 'PictureFault' });
      else
        expect(
          outcome.pictures.map(({ size }) => size),
          file,
        ).toEqual([96, 64]);
    }
  });

  test('gives one picture for all eight orientations', async () => {
    const pictures = await Promise.all(
      under('exif-orientation/').map(async ([file, outcome]) => {
        if ('error' in outcome) throw new Error(`${file} was refused`);
        return pixelsOf(outcome.pictures[0]?.blob ?? new Blob());
      }),
    );
    const [first, ...others] = pictures;
    if (first === undefined) throw new Error('no picture came');
    for (const other of others) expect(difference(first, other)).toBeLessThan(2.5);
  });

  test('takes every sound PNG of pngsuite and refuses every broken one', () => {
    for (const [file, outcome] of under('pngsuite/'))
      expect('code' in outcome, file).toBe(/pngsuite--x/.test(file));
  });

  test('takes every picture with metadata, profile or 16 bits, and none of it stays', async () => {
    for (const folderName of ['exif-gps-metadata/', 'icc-wide-gamut/', 'png-16bit/', 'webp-misc/']) {
      for (const [file, outcome] of under(folderName)) {
        if ('error' in outcome) {
          expect([file, outcome.code]).toEqual([expect.stringMatching(/\.avif$/), 'FILE_TYPE']);
          continue;
        }
        for (const { blob } of outcome.pictures)
          expect(await blob.text(), file).not.toMatch(/Exif|ICC|http:|Photoshop|GPS/);
      }
    }
  });

  test('refuses what is no accepted picture', () => {
    const others = /\.(bmp|ico|jp2|jxl|jxr|ktx|xml|md|avif|avifs)$/;
    expect(refused(others).filter(([, code]) => code !== 'FILE_TYPE')).toEqual([]);
  });
});
