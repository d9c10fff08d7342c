// @ts-check
import { fullFrame, moved, zoomed } from './crop-frame.js';

/** @typedef {import('./crop-frame.js').CropFrame} CropFrame */

/** Shares of the frame that one press of an arrow key moves. */
const step = 0.02;
const largeStep = 0.1;

/**
 * Turns dragging, pinching, the wheel and keys on `stage` into another frame.
 *
 * @param {HTMLElement} stage
 * @param {object} options
 * @param {HTMLElement} options.hole the square in it that the frame fills
 * @param {AbortSignal} options.signal
 * @param {(change: (frame: CropFrame) => CropFrame) => void} options.onChange
 */
export function watchGestures(stage, { hole, signal, onChange }) {
  // The keys below make it a control.
  stage.tabIndex = 0;
  /** @type {Map<number, { x: number, y: number }>} */
  const pointers = new Map();

  /** The picture goes with the finger, so the frame goes the other way. @param {number} right @param {number} down */
  const pan = (right, down) =>
    onChange((frame) => moved(frame, -right / hole.clientWidth, -down / hole.clientWidth));

  /** @param {number} factor @param {{ readonly x: number, readonly y: number }} [at] on the screen */
  function zoom(factor, at) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const around = at && {
      right: (at.x - left - width / 2) / hole.clientWidth,
      down: (at.y - top - height / 2) / hole.clientWidth,
    };
    onChange((frame) => zoomed(frame, frame.zoom * factor, around));
  }

  /** Where the fingers are together, and how far apart. */
  const hold = () => {
    const [first, second] = [...pointers.values()];
    if (!first) return { x: 0, y: 0, spread: 0 };
    if (!second) return { ...first, spread: 0 };
    return {
      x: (first.x + second.x) / 2,
      y: (first.y + second.y) / 2,
      spread: Math.hypot(first.x - second.x, first.y - second.y),
    };
  };

  stage.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      stage.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      stage.classList.add('is-held');
    },
    { signal },
  );
  stage.addEventListener(
    'pointermove',
    (event) => {
      if (!pointers.has(event.pointerId)) return;
      const before = hold();
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const now = hold();
      pan(now.x - before.x, now.y - before.y);
      if (before.spread > 0 && now.spread > 0) zoom(now.spread / before.spread, now);
    },
    { signal },
  );
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
    stage.addEventListener(
      name,
      (event) => {
        pointers.delete(event.pointerId);
        stage.classList.toggle('is-held', pointers.size > 0);
      },
      { signal },
    );
  }

  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 16;
      // A pinch on a trackpad comes as a wheel with the control key, in much smaller steps.
      const factor = Math.exp(-lines * (event.ctrlKey ? 0.01 : 0.002));
      zoom(factor, { x: event.clientX, y: event.clientY });
    },
    { passive: false, signal },
  );

  stage.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const distance = hole.clientWidth * (event.shiftKey ? largeStep : step);
      /** @type {Readonly<Record<string, () => void>>} */
      const keys = {
        ArrowLeft: () => pan(-distance, 0),
        ArrowRight: () => pan(distance, 0),
        ArrowUp: () => pan(0, -distance),
        ArrowDown: () => pan(0, distance),
        '+': () => zoom(1.1),
        '=': () => zoom(1.1),
        '-': () => zoom(1 / 1.1),
        _: () => zoom(1 / 1.1),
        Home: () => onChange(fullFrame),
      };
      const move = keys[event.key];
      if (!move) return;
      event.preventDefault();
      move();
    },
    { signal },
  );
}
