// @ts-check
import { createCropFrame } from './crop-frame.js';
import { watchGestures } from './crop-gestures.js';
import { byId, only } from './dom.js';

/** @typedef {import('../../src/index.ts').CropRect} CropRect */

const dialog = byId('crop-dialog', HTMLDialogElement);
const stage = byId('crop-stage', HTMLElement);
const ring = only(stage, '.crop-frame', HTMLElement);
const slider = byId('crop-zoom', HTMLInputElement);
const smaller = byId('crop-smaller', HTMLButtonElement);
const larger = byId('crop-larger', HTMLButtonElement);

/** Each window on the picture, and the part of it that the frame fills. */
const views = [
  { image: byId('crop-image', HTMLImageElement), box: stage, frame: ring },
  ...[...dialog.querySelectorAll('.crop-sample')].map((sample) => {
    const box = /** @type {HTMLElement} */ (sample);
    return { image: only(box, 'img', HTMLImageElement), box, frame: box };
  }),
];

let frame = createCropFrame({ width: 1, height: 1 });

function draw() {
  const { side, centre, zoom, maxZoom } = frame;
  for (const { image, box, frame: hole } of views) {
    const scale = hole.clientWidth / side;
    const x = box.clientWidth / 2 - centre.x * scale;
    const y = box.clientHeight / 2 - centre.y * scale;
    image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }
  // Even steps of the slider are even steps of growth.
  slider.value = String(maxZoom > 1 ? Math.log(zoom) / Math.log(maxZoom) : 0);
  slider.ariaValueText = `${Math.round(zoom * 100)} percent`;
  slider.disabled = maxZoom === 1;
  smaller.disabled = zoom === 1;
  larger.disabled = zoom === maxZoom;
}

/**
 * @param {number} factor
 * @param {{ readonly right: number, readonly down: number }} [at]
 */
function zoomBy(factor, at) {
  const width = ring.clientWidth;
  frame.zoomTo(frame.zoom * factor, at && { right: at.right / width, down: at.down / width });
  draw();
}

watchGestures(stage, {
  pan(right, down) {
    // The picture goes with the finger, so the frame goes the other way.
    frame.move(-right / ring.clientWidth, -down / ring.clientWidth);
    draw();
  },
  zoom: zoomBy,
  reset() {
    frame.reset();
    draw();
  },
});
slider.addEventListener('input', () => {
  frame.zoomTo(frame.maxZoom ** Number(slider.value));
  draw();
});
smaller.addEventListener('click', () => zoomBy(1 / 1.25));
larger.addEventListener('click', () => zoomBy(1.25));
new ResizeObserver(draw).observe(stage);
byId('crop-confirm', HTMLButtonElement).addEventListener('click', () => dialog.close('confirm'));
byId('crop-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());

/**
 * Lets a person choose the part of a picture that everyone will see.
 *
 * @param {Blob} file
 * @param {{ readonly width: number, readonly height: number }} size of the picture, as people see it
 * @param {AbortSignal} signal
 * @returns {Promise<CropRect | null>} in natural pixels; `null` when they thought better of it
 */
export async function chooseCrop(file, size, signal) {
  const url = URL.createObjectURL(file);
  try {
    for (const { image } of views) {
      image.src = url;
      image.style.width = `${size.width}px`;
      image.style.height = `${size.height}px`;
    }
    await views[0]?.image.decode().catch((cause) => {
      throw new Visavis.FileError('FILE_CORRUPT', `unable to show the picture; ${cause.message}`);
    });
    signal.throwIfAborted();
    frame = createCropFrame(size);
    dialog.returnValue = '';
    dialog.showModal();
    draw();
    return await answer(signal);
  } finally {
    for (const { image } of views) image.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<CropRect | null>}
 */
function answer(signal) {
  const onAbort = () => dialog.close();
  signal.addEventListener('abort', onAbort, { once: true });
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        signal.removeEventListener('abort', onAbort);
        resolve(dialog.returnValue === 'confirm' ? frame.rect() : null);
      },
      { once: true },
    );
  });
}
