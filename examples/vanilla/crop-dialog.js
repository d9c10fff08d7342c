// @ts-check
import {
  fullFrame,
  pictureStyle,
  rectOf,
  sliderOf,
  zoomedIn,
  zoomedOut,
  zoomedToSlider,
} from '../shared/crop-frame.js';
import { watchGestures } from '../shared/crop-gestures.js';
import { byId, only } from './dom.js';

/** @typedef {import('../shared/crop-frame.js').CropFrame} CropFrame */
/** @typedef {import('../../src/index.ts').CropRect} CropRect */

const dialog = byId('crop-dialog', HTMLDialogElement);
const stage = byId('crop-stage', HTMLElement);
const slider = byId('crop-zoom', HTMLInputElement);
const smaller = byId('crop-smaller', HTMLButtonElement);
const larger = byId('crop-larger', HTMLButtonElement);
/** The large one, and the samples beside it. */
const images = dialog.querySelectorAll('img');

let frame = fullFrame({ width: 1, height: 1 });

/** @param {(frame: CropFrame) => CropFrame} change */
function update(change) {
  frame = change(frame);
  for (const { style } of images) Object.assign(style, pictureStyle(frame));
  const { value, text, isFixed, isLeast, isMost } = sliderOf(frame);
  slider.value = String(value);
  slider.ariaValueText = text;
  slider.disabled = isFixed;
  smaller.disabled = isLeast;
  larger.disabled = isMost;
}

const { signal: always } = new AbortController();
watchGestures(stage, { hole: only(stage, '.crop-frame', HTMLElement), signal: always, onChange: update });
slider.addEventListener('input', () => update((frame) => zoomedToSlider(frame, Number(slider.value))));
smaller.addEventListener('click', () => update(zoomedOut));
larger.addEventListener('click', () => update(zoomedIn));
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
    for (const image of images) image.src = url;
    await images[0]?.decode().catch((cause) => {
      throw new Visavis.FileError('FILE_CORRUPT', `unable to show the picture; ${cause.message}`);
    });
    signal.throwIfAborted();
    update(() => fullFrame(size));
    dialog.returnValue = '';
    dialog.showModal();
    return await answer(signal);
  } finally {
    for (const image of images) image.removeAttribute('src');
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
        resolve(dialog.returnValue === 'confirm' ? rectOf(frame) : null);
      },
      { once: true },
    );
  });
}
