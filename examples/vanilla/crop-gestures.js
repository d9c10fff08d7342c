// @ts-check

/**
 * @typedef {object} CropMoves
 * @property {(right: number, down: number) => void} pan in CSS pixels
 * @property {(factor: number, at?: { readonly right: number, readonly down: number }) => void} zoom around a point, in CSS pixels from the middle
 * @property {() => void} reset
 */

/** Shares of the stage that one press of an arrow key moves. */
const step = 0.02;
const largeStep = 0.1;

/**
 * Turns dragging, pinching, the wheel and keys on `stage` into moves.
 *
 * @param {HTMLElement} stage
 * @param {CropMoves} moves
 */
export function watchGestures(stage, { pan, zoom, reset }) {
  // The keys below make it a control.
  stage.tabIndex = 0;
  /** @type {Map<number, { x: number, y: number }>} */
  const pointers = new Map();

  const middle = () => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };

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

  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.classList.add('is-held');
  });
  stage.addEventListener('pointermove', (event) => {
    if (!pointers.has(event.pointerId)) return;
    const before = hold();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = hold();
    pan(now.x - before.x, now.y - before.y);
    if (before.spread > 0 && now.spread > 0) {
      const { x, y } = middle();
      zoom(now.spread / before.spread, { right: now.x - x, down: now.y - y });
    }
  });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
    stage.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      stage.classList.toggle('is-held', pointers.size > 0);
    });
  }

  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = middle();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 16;
      // A pinch on a trackpad comes as a wheel with the control key, in much smaller steps.
      const factor = Math.exp(-lines * (event.ctrlKey ? 0.01 : 0.002));
      zoom(factor, { right: event.clientX - x, down: event.clientY - y });
    },
    { passive: false },
  );

  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const distance = stage.clientHeight * (event.shiftKey ? largeStep : step);
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
      Home: reset,
    };
    const move = keys[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
}
