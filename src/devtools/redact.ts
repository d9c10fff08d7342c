const texts = new Set(['text', 'title', 'body']);

/**
 * A copy without what a bug report must not carry: signed addresses, and texts unless they are wanted.
 *
 * @param text - whether texts of messages and notifications stay.
 * @param name - of the field that holds the value.
 */
export function redact(value: unknown, text: boolean, name = ''): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (Array.isArray(value)) return value.map((item) => redact(item, text));
  if (typeof value === 'string') {
    if (texts.has(name)) return text ? value : value.replace(/\S/g, '•');
    return /url$/i.test(name) ? value.replace(/[?#].*/s, '') : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  // Whatever else a backend puts into a notification.
  const entries = Object.entries(value).filter(([key]) => text || key !== 'payload');
  return Object.fromEntries(entries.map(([key, item]) => [key, redact(item, text, key)]));
}
