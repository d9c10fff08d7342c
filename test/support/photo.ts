import sharp from 'sharp';

/** Red, green, blue and yellow quarters, as people see them: top left, top right, bottom left, bottom right. */
export const quarters = ['red', 'green', 'blue', 'yellow'] as const;
export type Quarter = (typeof quarters)[number];

const colors: Readonly<Record<Quarter, string>> = {
  red: '#d02020',
  green: '#20a030',
  blue: '#2030d0',
  yellow: '#e0d020',
};

/**
 * A photo as a phone makes it: stored lying, EXIF orientation 6, with the place where it was taken.
 *
 * @param order - which colour is where once it stands upright.
 * @param width - in pixels, once it stands upright; 12 MP unless told.
 * @param grain - how much noise there is, which makes files as large as those of real photos.
 */
export async function phonePhoto(
  order: readonly Quarter[] = quarters,
  width = 3000,
  grain = 0,
): Promise<Buffer> {
  const height = (width / 3) * 4;
  const quarter = (color: Quarter | undefined, left: number, top: number) => ({
    input: {
      create: {
        width: width / 2,
        height: height / 2,
        channels: 3 as const,
        background: colors[color ?? 'red'],
      },
    },
    left,
    top,
  });
  const upright = await sharp({ create: { width, height, channels: 3, background: '#888' } })
    .composite([
      quarter(order[0], 0, 0),
      quarter(order[1], width / 2, 0),
      quarter(order[2], 0, height / 2),
      quarter(order[3], width / 2, height / 2),
      ...(grain > 0
        ? [
            {
              input: await noise(width, height, grain),
              raw: { width, height, channels: 3 as const },
              blend: 'soft-light' as const,
            },
          ]
        : []),
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
  const stored = await sharp(upright, { raw: { width, height, channels: 3 } })
    .rotate(270)
    .raw()
    .toBuffer();
  return sharp(stored, { raw: { width: height, height: width, channels: 3 } })
    .jpeg({ quality: 90 })
    .withExif({
      IFD0: { Make: 'Phone', Model: 'SecretModel', Orientation: '6' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '48/1 51/1 29/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '2/1 17/1 40/1',
      },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer();
}

function noise(width: number, height: number, sigma: number): Promise<Buffer> {
  const gaussian = { type: 'gaussian' as const, mean: 128, sigma };
  const create = { width, height, channels: 3 as const, background: '#888', noise: gaussian };
  return sharp({ create }).raw().toBuffer();
}

/** Which of the four colours a pixel is nearest to. */
export function nearestQuarter(red: number, green: number, blue: number): Quarter {
  const distance = (color: Quarter) => {
    const value = Number.parseInt(colors[color].slice(1), 16);
    return (red - (value >> 16)) ** 2 + (green - ((value >> 8) & 255)) ** 2 + (blue - (value & 255)) ** 2;
  };
  return [...quarters].sort((a, b) => distance(a) - distance(b))[0] ?? 'red';
}
