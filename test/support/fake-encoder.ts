import type { ImageEncoder } from '../../src/avatar/encoder.ts';
import type { EncodedPicture } from '../../src/models.ts';

const picture = (kind: EncodedPicture['kind'], size: number): EncodedPicture => ({
  kind,
  size,
  type: 'image/webp',
  blob: new Blob([new Uint8Array(size)], { type: 'image/webp' }),
});

/** Stands in for the picture code where there is no browser: pictures of known sizes, at once. */
export const fakeEncoder = (overrides: Partial<ImageEncoder> = {}): ImageEncoder => ({
  warm() {},
  inspect: async (file) => ({ type: 'image/jpeg', width: 400, height: 300, bytes: file.size }),
  async compress(_file, _crop, onInspected) {
    onInspected();
    return [picture('avatar', 256), picture('thumb', 64)];
  },
  dispose() {},
  ...overrides,
});
