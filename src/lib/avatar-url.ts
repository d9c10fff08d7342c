const maxUrlLength = 8_192;
const maxDataUrlLength = 1_000_000;
const pictureData = /^data:image\/(?:png|jpeg|webp|gif)[;,]/i;
const scheme = /^[a-z][a-z0-9+.-]*:/i;
const loopback = /^(?:localhost|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** What the last safe `https:` address began with; no other begins with a newline. Most pictures come from one host. */
let safeHost = '\n';

/** Parameter names that, found together in a query, mean that the address is signed and must stay as it is. */
const signatures: readonly (readonly string[])[] = [
  ['x-amz-signature'],
  ['x-goog-signature'],
  ['signature', 'awsaccesskeyid'],
  ['signature', 'key-pair-id'],
  ['signature', 'googleaccessid'],
  ['sig', 'se'],
  ['sig', 'si'],
];

/** Options of {@link avatarUrl}. */
export interface AvatarUrlOptions {
  /** Whether plain `http:` is also allowed for hosts other than loopback; for backends that have no TLS. */
  readonly insecure?: boolean;
}

/**
 * Makes a picture's address safe to show and unique per version.
 *
 * The version goes into the query as `v`, so every component and every visit share one cached file. The rest of the
 * query and the hash survive. A `data:` address gets the version as a fragment, a `blob:` address is left alone, and a
 * signed one (AWS SigV4 and SigV2, CloudFront, Google Cloud Storage, Azure SAS) too, because its signature covers the query.
 *
 * @param url - as the backend sent it: `https:`, `http:` on loopback, `data:image/(png|jpeg|webp|gif)`, `blob:` or relative.
 * @param version - what changes when the picture does; `null` leaves the address as it is.
 * @returns the address to show, or `null` if it must not be shown.
 * @example
 * avatarUrl('https://cdn.example.com/u1.webp?w=64', 7); // 'https://cdn.example.com/u1.webp?w=64&v=7'
 */
export function avatarUrl(
  url: string,
  version: number | string | null = null,
  options: AvatarUrlOptions = {},
): string | null {
  if (!isSafePictureUrl(url, options)) return null;
  if (version === null || /^blob:/i.test(url)) return url;
  const stamp = encodeURIComponent(version);
  if (/^data:/i.test(url)) return `${url.split('#', 1)[0]}#v=${stamp}`;
  if (!/[?#]/.test(url)) return `${url}?v=${stamp}`;
  return changeQuery(url, (parts) => [
    ...parts.filter((part) => part !== 'v' && !part.startsWith('v=')),
    `v=${stamp}`,
  ]);
}

/** What pages add to an address so that no cache answers; after a second question mark too. */
const buster = /^(?:[tv]=\d+|(?:cb|nocache)(?:=.*)?)$/;

/** The address without what pages add against caches: what is left says which picture it is. */
export function withoutCacheBusters(url: string): string {
  if (/^data:/i.test(url)) return url.replace(/#.*/, '');
  return changeQuery(url, (parts) =>
    parts.flatMap((part) => part.split(/\?(?=[tv]=\d+$)/)).filter((part) => !buster.test(part)),
  );
}

/** Changes the parts of an address's query; one that is signed stays as it is. */
function changeQuery(url: string, change: (parts: readonly string[]) => readonly string[]): string {
  const [address = '', hash] = splitOnce(url, '#');
  const [path = '', query = ''] = splitOnce(address, '?');
  const parts = query.split('&').filter((part) => part !== '');
  if (isSigned(parts)) return url;
  const changed = change(parts).join('&');
  return `${path}${changed && `?${changed}`}${hash === undefined ? '' : `#${hash}`}`;
}

/** Whether a page may be handed this address as a picture: nothing that can run, read files or carry credentials. */
export function isSafePictureUrl(url: unknown, { insecure = false }: AvatarUrlOptions = {}): url is string {
  if (typeof url !== 'string' || url === '') return false;
  if (/^data:/i.test(url)) return url.length <= maxDataUrlLength && pictureData.test(url);
  if (url.length > maxUrlLength || hasControlOrSpace(url) || url.includes('\\')) return false;
  if (url.startsWith(safeHost) || /^blob:/i.test(url)) return true;
  if (!scheme.test(url)) return !url.startsWith('//');
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return false;
  const { origin, protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  if (protocol !== 'https:') return insecure || loopback.test(hostname);
  safeHost = `${origin}/`;
  return true;
}

/** Whether a host name means this machine. */
export function isLoopback(hostname: string): boolean {
  return loopback.test(hostname);
}

// Browsers drop tabs and newlines inside an address and trim it, which turns ' java\nscript:' into a scheme.
function hasControlOrSpace(url: string): boolean {
  for (let i = 0; i < url.length; i += 1) {
    const code = url.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}

function isSigned(parts: readonly string[]): boolean {
  const names = new Set(parts.map((part) => part.split('=', 1)[0]?.toLowerCase()));
  return signatures.some((signature) => signature.every((name) => names.has(name)));
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
