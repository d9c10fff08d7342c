import type { TokenRequest } from '../index.ts';

/** Reads a value of the page anew each time it is called. */
export type ReadPageValue = (request: TokenRequest) => unknown;

const readers: Readonly<Record<string, (name: string) => ReadPageValue>> = {
  meta: (name) => () => document.querySelector<HTMLMetaElement>(`meta[name="${CSS.escape(name)}"]`)?.content,
  local: (key) => () => localStorage.getItem(key),
  session: (key) => () => sessionStorage.getItem(key),
  function: (path) => (request) => call(path, request),
};

/**
 * Understands where a value is: `meta:NAME` (a meta element's content), `local:KEY` and `session:KEY` (a stored text) or
 * `function:path.to.it` (what a function of the page returns). Nothing is ever evaluated.
 *
 * @throws TypeError for anything else.
 */
export function pageValue(where: string): ReadPageValue {
  const at = where.indexOf(':');
  const kind = where.slice(0, at);
  const name = where.slice(at + 1);
  if (at > 0 && name !== '' && Object.hasOwn(readers, kind)) {
    const reader = readers[kind];
    if (reader) return reader(name);
  }
  const kinds = Object.keys(readers).map((each) => `${each}:…`);
  throw new TypeError(`"${where}" is none of ${kinds.join(', ')}`);
}

function call(path: string, request: TokenRequest): unknown {
  let owner: unknown;
  let value: unknown = globalThis;
  for (const name of path.split('.')) {
    owner = value;
    value = Object(value)[name];
  }
  if (typeof value !== 'function') throw new TypeError(`the page has no function ${path}`);
  return Reflect.apply(value, owner, [request]);
}
