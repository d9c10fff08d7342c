const maxLength = 256;

/** An id as the SDK keeps it: backends and apps name things by numbers or strings, and `1` and `"1"` are the same. */
export function requireId(id: unknown): string {
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text === 'string' && isId(text)) return text;
  throw new TypeError(`unable to go on; an id is a string of 1 to ${maxLength} characters or a whole number`);
}

/** Ids are parts of paths, where `.` and `..` mean other places (URL, 4.4). */
export function isId(text: string): boolean {
  return text !== '' && text.length <= maxLength && text !== '.' && text !== '..';
}

/** Tells one tab from another. Works in pages without https too, where there is no `randomUUID`. */
export function newTabId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
