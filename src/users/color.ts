import type { AvatarColor } from '../models.ts';

const text = '#fff';

/** Each has a contrast of at least 4.5:1 with white (WCAG 2.2, 1.4.3); a test measures it. */
const backgrounds = [
  '#b3261e',
  '#a83e00',
  '#8a5300',
  '#6b6000',
  '#3f6b00',
  '#00702f',
  '#006e5f',
  '#006b80',
  '#005fa8',
  '#3a53c5',
  '#5b45c9',
  '#7d37b8',
  '#9c2f9c',
  '#ad2a73',
  '#5d5f66',
  '#7a5548',
] as const;

const palette: readonly AvatarColor[] = backgrounds.map((background) => Object.freeze({ background, text }));

/** The colours behind and of a user's initials: the same for an id on every page and every visit. */
export function colorOf(userId: string): AvatarColor {
  // FNV-1a, 32 bit.
  let hash = 0x811c9dc5;
  for (let i = 0; i < userId.length; i += 1) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193);
  const color = palette[(hash ^ (hash >>> 16)) & 15];
  return color ?? { background: backgrounds[0], text };
}
