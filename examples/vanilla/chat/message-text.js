// @ts-check

const address = /https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}]/g;

/**
 * Text with its addresses as links.
 *
 * @param {string} text
 * @returns {(string | HTMLAnchorElement)[]}
 */
export function linked(text) {
  /** @type {(string | HTMLAnchorElement)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: url, index } of text.matchAll(address)) {
    if (!URL.canParse(url)) continue;
    parts.push(text.slice(end, index), link(url, url.replace(/^https?:\/\//, '')));
    end = index + url.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * A picture, or a link to what cannot be shown here.
 *
 * @param {string} url
 * @param {string} type
 */
export function mediaElement(url, type) {
  const { origin, pathname } = new URL(url);
  // The page's policy lets no other host's pictures in.
  if (type !== 'image' || origin !== location.origin) {
    return link(url, decodeURIComponent(pathname.split('/').at(-1) || 'File'));
  }
  const image = document.createElement('img');
  image.src = url;
  image.alt = 'Photo';
  image.loading = 'lazy';
  image.draggable = false;
  return image;
}

/**
 * @param {string} url
 * @param {string} text
 */
function link(url, text) {
  const element = document.createElement('a');
  element.href = url;
  element.target = '_blank';
  element.rel = 'noopener noreferrer';
  element.textContent = text;
  return element;
}
