// @ts-check

/** Natural pixels a side below which zooming in shows nothing but blur. */
const smallestSide = 96;
const largestZoom = 8;

/**
 * A square frame over a picture, in natural pixels: never outside. A value: every move makes another one.
 *
 * @typedef {object} CropFrame
 * @property {number} width of the picture
 * @property {number} height of the picture
 * @property {number} zoom from 1, the largest frame
 * @property {number} x of the frame's centre
 * @property {number} y of the frame's centre
 */

/**
 * The largest frame, in the middle.
 *
 * @param {{ readonly width: number, readonly height: number }} picture
 * @returns {CropFrame}
 */
export function fullFrame({ width, height }) {
  return { width, height, zoom: 1, x: width / 2, y: height / 2 };
}

/** @param {CropFrame} frame */
const shortSide = ({ width, height }) => Math.min(width, height);

/** @param {CropFrame} frame */
const sideOf = (frame) => shortSide(frame) / frame.zoom;

/** @param {CropFrame} frame */
export function maxZoom(frame) {
  return Math.min(largestZoom, Math.max(1, shortSide(frame) / smallestSide));
}

/**
 * @param {CropFrame} frame
 * @returns {CropFrame}
 */
function inside(frame) {
  const half = sideOf(frame) / 2;
  /** @param {number} centre @param {number} length */
  const within = (centre, length) => Math.min(Math.max(centre, half), length - half);
  return { ...frame, x: within(frame.x, frame.width), y: within(frame.y, frame.height) };
}

/**
 * Moves by a share of the frame's side.
 *
 * @param {CropFrame} frame
 * @param {number} right
 * @param {number} down
 */
export function moved(frame, right, down) {
  const side = sideOf(frame);
  return inside({ ...frame, x: frame.x + right * side, y: frame.y + down * side });
}

/**
 * Zooms, and keeps the point of the picture where it is that lies this share of the side from the frame's centre.
 *
 * @param {CropFrame} frame
 * @param {number} zoom
 * @param {{ readonly right: number, readonly down: number }} [around]
 */
export function zoomed(frame, zoom, { right, down } = { right: 0, down: 0 }) {
  const next = { ...frame, zoom: Math.min(Math.max(zoom, 1), maxZoom(frame)) };
  const shrunk = sideOf(frame) - sideOf(next);
  return inside({ ...next, x: frame.x + right * shrunk, y: frame.y + down * shrunk });
}

/**
 * In whole pixels, and whole inside the picture.
 *
 * @param {CropFrame} frame
 * @returns {import('../../src/index.ts').CropRect}
 */
export function rectOf(frame) {
  const { width, height, x, y } = frame;
  const side = sideOf(frame);
  const length = Math.max(1, Math.min(Math.round(side), shortSide(frame)));
  return {
    x: Math.min(Math.max(Math.round(x - side / 2), 0), width - length),
    y: Math.min(Math.max(Math.round(y - side / 2), 0), height - length),
    width: length,
    height: length,
  };
}

/**
 * Styles by which the picture lies in a square box so that the frame fills the box.
 *
 * @param {CropFrame} frame
 */
export function pictureStyle(frame) {
  const { width, height, x, y } = frame;
  return {
    width: `${(width / sideOf(frame)) * 100}%`,
    transform: `translate(${(-x / width) * 100}%, ${(-y / height) * 100}%)`,
  };
}

/**
 * Where the zoom is between its ends: even steps of a slider are even steps of growth.
 *
 * @param {CropFrame} frame
 */
export function sliderOf(frame) {
  const most = maxZoom(frame);
  return {
    value: most > 1 ? Math.log(frame.zoom) / Math.log(most) : 0,
    text: `${Math.round(frame.zoom * 100)} percent`,
    isFixed: most === 1,
    isLeast: frame.zoom === 1,
    isMost: frame.zoom === most,
  };
}

/**
 * @param {CropFrame} frame
 * @param {number} value of the slider
 */
export const zoomedToSlider = (frame, value) => zoomed(frame, maxZoom(frame) ** value);

/** How much one press of a zoom button does. */
const zoomStep = 1.25;

/** @param {CropFrame} frame */
export const zoomedIn = (frame) => zoomed(frame, frame.zoom * zoomStep);

/** @param {CropFrame} frame */
export const zoomedOut = (frame) => zoomed(frame, frame.zoom / zoomStep);
