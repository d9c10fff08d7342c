// @ts-check

/** Natural pixels a side below which zooming in shows nothing but blur. */
const smallestSide = 96;
const largestZoom = 8;

/**
 * A square frame over a picture: where it lies, and never outside. Knows numbers only, in natural pixels.
 *
 * @param {{ readonly width: number, readonly height: number }} picture
 */
export function createCropFrame({ width, height }) {
  const short = Math.min(width, height);
  const maxZoom = Math.min(largestZoom, Math.max(1, short / smallestSide));
  let zoom = 1;
  let x = width / 2;
  let y = height / 2;

  const side = () => short / zoom;

  /**
   * @param {number} centre
   * @param {number} length
   */
  const inside = (centre, length) => Math.min(Math.max(centre, side() / 2), length - side() / 2);

  /**
   * @param {number} toX
   * @param {number} toY
   */
  function moveTo(toX, toY) {
    x = inside(toX, width);
    y = inside(toY, height);
  }

  return {
    maxZoom,
    get zoom() {
      return zoom;
    },
    get side() {
      return side();
    },
    get centre() {
      return { x, y };
    },
    /**
     * Moves by a share of the frame's side.
     *
     * @param {number} right
     * @param {number} down
     */
    move(right, down) {
      moveTo(x + right * side(), y + down * side());
    },
    /**
     * Zooms, and keeps the point of the picture where it is that lies this share of the side from the frame's centre.
     *
     * @param {number} to
     * @param {{ readonly right: number, readonly down: number }} [around]
     */
    zoomTo(to, { right, down } = { right: 0, down: 0 }) {
      const before = side();
      zoom = Math.min(Math.max(to, 1), maxZoom);
      const shrunk = before - side();
      moveTo(x + right * shrunk, y + down * shrunk);
    },
    reset() {
      zoom = 1;
      moveTo(width / 2, height / 2);
    },
    /** In whole pixels, and whole inside the picture. */
    rect() {
      const length = Math.max(1, Math.min(Math.round(side()), short));
      return {
        x: Math.min(Math.max(Math.round(x - side() / 2), 0), width - length),
        y: Math.min(Math.max(Math.round(y - side() / 2), 0), height - length),
        width: length,
        height: length,
      };
    },
  };
}
