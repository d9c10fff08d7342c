import type { ImageEncoder } from '../avatar/encoder.ts';
import type { EncodedPicture } from '../models.ts';

/**
 * Makes an encoder for where there is no browser: whatever the file, pictures of known sizes, at once.
 *
 * @param overrides - what of it a test does by itself.
 */
export const createFakeEncoder = (overrides: Partial<ImageEncoder> = {}): ImageEncoder => ({
  warm() {},
  inspect: async (file) => ({ type: 'image/jpeg', width: 400, height: 300, bytes: file.size }),
  async compress(_file, _crop, onInspected) {
    onInspected();
    return [picture('avatar', 256), picture('thumb', 64)];
  },
  dispose() {},
  ...overrides,
});

const picture = (kind: EncodedPicture['kind'], size: number): EncodedPicture => ({
  kind,
  size,
  type: 'image/webp',
  blob: new Blob([new Uint8Array(size)], { type: 'image/webp' }),
});
