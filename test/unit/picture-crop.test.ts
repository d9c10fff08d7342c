import { expect, test } from 'vitest';
import { squareCrop } from '../../src/picture/crop.ts';

test.each([
  ['the centred square of a landscape', undefined, { x: 50, y: 0, width: 200, height: 200 }],
  ['a square as it is', { x: 10, y: 20, width: 30, height: 30 }, { x: 10, y: 20, width: 30, height: 30 }],
  [
    'the centre of a rectangle',
    { x: 10, y: 20, width: 60, height: 40 },
    { x: 20, y: 20, width: 40, height: 40 },
  ],
  [
    'the part inside the picture',
    { x: -20, y: -20, width: 60, height: 60 },
    { x: 0, y: 0, width: 40, height: 40 },
  ],
  [
    'the part inside on the far side',
    { x: 260, y: 150, width: 100, height: 100 },
    { x: 260, y: 155, width: 40, height: 40 },
  ],
  [
    'all of a picture the rectangle surrounds',
    { x: -1e9, y: -1e9, width: 2e9, height: 2e9 },
    { x: 50, y: 0, width: 200, height: 200 },
  ],
  ['fractions', { x: 0.5, y: 0.25, width: 1.5, height: 1.5 }, { x: 0.5, y: 0.25, width: 1.5, height: 1.5 }],
])('cuts %s', (_, wanted, cut) => {
  expect(squareCrop(wanted, 300, 200)).toEqual(cut);
});

test.each([
  ['NaN', { x: Number.NaN, y: 0, width: 10, height: 10 }],
  ['NaN in a side', { x: 0, y: 0, width: 10, height: Number.NaN }],
  ['Infinity', { x: 0, y: 0, width: Number.POSITIVE_INFINITY, height: 10 }],
  ['-Infinity', { x: Number.NEGATIVE_INFINITY, y: 0, width: Number.POSITIVE_INFINITY, height: 10 }],
  ['an empty side', { x: 0, y: 0, width: 0, height: 10 }],
  ['a negative side', { x: 20, y: 20, width: -10, height: 10 }],
  ['a place outside', { x: 300, y: 0, width: 10, height: 10 }],
  ['a place before', { x: -10, y: 0, width: 10, height: 10 }],
])('refuses a rectangle with %s', (_, wanted) => {
  expect(() => squareCrop(wanted, 300, 200)).toThrow(
    expect.objectContaining({ name: 'PictureFault', code: 'CROP' }),
  );
});
