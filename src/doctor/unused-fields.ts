/**
 * The same value, which notes the fields that are read of it: what stays over, a preset does not know.
 *
 * @returns the value to hand on, and the paths of fields that nobody has read, without those inside of them.
 */
export function watchFields(value: unknown): { readonly watched: unknown; unused(): string[] } {
  const read = new Set<string>();

  function watch(each: unknown, path: string): unknown {
    if (typeof each !== 'object' || each === null) return each;
    return new Proxy(each, {
      get(target, name, receiver) {
        const inner: unknown = Reflect.get(target, name, receiver);
        if (typeof name === 'symbol' || typeof inner === 'function') return inner;
        const place = placeOf(path, target, name);
        read.add(place);
        return watch(inner, place);
      },
    });
  }

  function* list(each: unknown, path: string): Generator<string> {
    if (typeof each !== 'object' || each === null) return;
    for (const [name, inner] of Object.entries(each)) {
      const place = placeOf(path, each, name);
      if (read.has(place)) yield* list(inner, place);
      else yield place;
    }
  }

  return { watched: watch(value, ''), unused: () => [...new Set(list(value, ''))] };
}

/** Items of a list are all at one place. */
function placeOf(path: string, target: object, name: string): string {
  const last = Array.isArray(target) ? '[]' : name;
  return path === '' ? last : `${path}${last === '[]' ? last : `.${last}`}`;
}
