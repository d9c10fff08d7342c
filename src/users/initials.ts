const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const letterOrDigit = /[\p{L}\p{N}]/u;

/**
 * One or two graphemes that stand for a name: of its first and last word, upper case.
 *
 * A grapheme is what a reader takes for one character (UAX #29), so accents, Hangul and emoji stay whole.
 *
 * @returns `?` for a name without a visible character.
 */
export function initialsOf(name: string): string {
  const words = name.split(/[\s_]+/u).filter((word) => word !== '');
  const spoken = words.filter((word) => letterOrDigit.test(word));
  const [first, ...rest] = spoken.length > 0 ? spoken : words;
  if (first === undefined) return '?';
  const last = rest.at(-1);
  return firstGrapheme(first) + (last === undefined ? '' : firstGrapheme(last));
}

function firstGrapheme(word: string): string {
  const characters = [...graphemes.segment(word)].map(({ segment }) => segment);
  const first = characters.find((character) => letterOrDigit.test(character)) ?? characters[0] ?? '';
  // Not by locale: a server and the page it renders must agree.
  return first.toUpperCase();
}
