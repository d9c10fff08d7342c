// @ts-check

/** @typedef {import('../../src/index.ts').Live<import('../../src/index.ts').UserSnapshot>} LiveUser */

/** Pixels a side up to which the thumbnail is sharp enough. */
const largestThumb = 48;

/**
 * A person's face: their picture, or their initials until it has loaded, when there is none and when it fails to load.
 *
 * @param {LiveUser} live
 * @param {object} options
 * @param {number} options.size pixels a side
 * @param {AbortSignal} options.signal ends the element's subscription
 * @param {boolean} [options.named] whether the name stands beside it, so that it need not be read out again
 * @param {string} [options.testId] prefix of the parts' test ids
 */
export function avatarElement(live, { size, signal, named = false, testId = 'face' }) {
  const face = document.createElement('span');
  face.className = 'face';
  face.dataset.shows = 'nothing';
  face.style.setProperty('--size', `${size}px`);
  if (named) face.ariaHidden = 'true';
  else face.role = 'img';

  const initials = document.createElement('span');
  initials.className = 'face-initials';
  initials.dataset.testid = `${testId}-initials`;

  const image = document.createElement('img');
  image.className = 'face-image';
  image.dataset.testid = `${testId}-image`;
  image.width = size;
  image.height = size;
  image.draggable = false;
  // The SDK hands over pictures that are decoded already; asynchronous decoding would show a gap.
  image.decoding = 'sync';
  face.append(initials, image);

  /** @type {string | null} */
  let shownUrl = null;

  function show() {
    const { avatar, color, initials: letters, name, pending, status } = live.getSnapshot();
    const url = avatar && (size > largestThumb ? avatar.url : avatar.thumbUrl);
    const unknown = !avatar && isUnknown(status, name);
    face.style.setProperty('--face-color', color.background);
    face.style.setProperty('--face-text', color.text);
    face.classList.toggle('is-pending', pending);
    initials.textContent = unknown ? '' : letters;
    image.alt = named ? '' : name;
    if (!named) face.ariaLabel = name;
    if (url !== null && url === shownUrl) return;
    shownUrl = url;
    if (url !== null) return load(url);
    image.removeAttribute('src');
    face.dataset.shows = unknown ? 'nothing' : 'initials';
  }

  /** @param {string} url */
  function load(url) {
    // Until the new picture is there, the browser keeps showing the one before.
    image.src = url;
    if (image.complete && image.naturalWidth > 0) face.dataset.shows = 'picture';
    else if (face.dataset.shows === 'nothing') face.dataset.shows = 'initials';
  }

  image.addEventListener('load', () => {
    if (shownUrl !== null) face.dataset.shows = 'picture';
  });
  image.addEventListener('error', () => {
    if (shownUrl !== null) face.dataset.shows = 'initials';
  });
  window.addEventListener(
    'online',
    () => {
      if (shownUrl !== null && face.dataset.shows === 'initials') load(shownUrl);
    },
    { signal },
  );
  signal.addEventListener('abort', live.subscribe(show), { once: true });
  show();
  return face;
}

/**
 * Whether nothing can be said yet: initials would only be in the way of a picture.
 *
 * @param {import('../../src/index.ts').UserSnapshot['status']} status
 * @param {string} name
 */
function isUnknown(status, name) {
  return status === 'idle' || status === 'loading' || (status === 'failed' && name === '');
}
