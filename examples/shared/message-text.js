// @ts-check

/** @typedef {{ readonly href: string, readonly text: string }} Link */

const address = /https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}]/g;

/**
 * Text with its addresses as links.
 *
 * @param {string} text
 * @returns {(string | Link)[]}
 */
export function linked(text) {
  /** @type {(string | Link)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: href, index } of text.matchAll(address)) {
    if (!URL.canParse(href)) continue;
    parts.push(text.slice(end, index), { href, text: href.replace(/^https?:\/\//, '') });
    end = index + href.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * A message's file: a picture to show, or a link to what cannot be shown here.
 *
 * @param {import('../../src/index.ts').MessageItem} message
 * @returns {{ readonly src: string, readonly alt: string } | Link | null}
 */
export function mediaOf({ mediaUrl, type, isDeleted, isOwn, sender }) {
  if (!mediaUrl || isDeleted) return null;
  const { origin, pathname } = new URL(mediaUrl);
  // The page's policy lets no other host's pictures in.
  if (type === 'image' && origin === location.origin)
    return { src: mediaUrl, alt: isOwn ? 'Sent by you' : `Sent by ${sender.name}` };
  return { href: mediaUrl, text: decodeURIComponent(pathname.split('/').at(-1) || 'File') };
}
