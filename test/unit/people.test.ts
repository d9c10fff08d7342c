import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colorOf } from '../../src/users/color.ts';
import { initialsOf } from '../../src/users/initials.ts';

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['Ada King Lovelace', 'AL'],
    ['  Zoë   Ångström ', 'ZÅ'],
    ['e\u0301mile zola', 'E\u0301Z'],
    ['李小龙', '李'],
    ['محمد علي', 'مع'],
    ['김 철수', '김철'],
    ['नमस्ते दुनिया', 'नदु'],
    ['(Bob) "The Builder"', 'BB'],
    ['👩‍👩‍👧 Family', 'F'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['🏳️‍🌈 🎉', '🏳️‍🌈🎉'],
    ['j_doe', 'JD'],
    ['ßtraße', 'SS'],
    ['42', '4'],
    ['', '?'],
    ['   ', '?'],
  ])('[US1] %s → %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });

  it('[US1] never throws and never is empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => initialsOf(name) !== ''),
      { numRuns: 2_000 },
    );
  });
});

describe('colours', () => {
  const luminance = (hex: string) => {
    const full = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex;
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(full.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  it('[US2] have a contrast of at least 4.5:1, are stable for an id and are all used', () => {
    const used = new Set<string>();
    for (let i = 0; i < 2_000; i += 1) {
      const { background, text } = colorOf(`user-${i}`);
      used.add(background);
      const [dark, light] = [luminance(background), luminance(text)];
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5);
      expect(colorOf(`user-${i}`)).toBe(colorOf(`user-${i}`));
    }
    expect(used.size).toBe(16);
  });
});
