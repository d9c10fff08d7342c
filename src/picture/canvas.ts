export type Canvas = OffscreenCanvas | HTMLCanvasElement;
export type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** A canvas for one job, in the worker or on the page. */
export function createCanvas(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** Keeps the pixels where the CPU reads them. */
export function context2d(canvas: Canvas): Context {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true };
  const context = isOffscreen(canvas) ? canvas.getContext('2d', settings) : canvas.getContext('2d', settings);
  if (context === null) throw new Error('unable to draw the picture; this browser has no 2d canvas');
  return context;
}

/** Gives the memory back now and not at the next collection. */
export function freeCanvas(canvas: Canvas): void {
  canvas.width = 0;
  canvas.height = 0;
}

export type ToBlob = (canvas: Canvas, type: string, quality: number) => Promise<Blob>;

/** Encodes a canvas; the browser may answer with another type than the one asked for. */
export const toBlob: ToBlob = (canvas, type, quality) => {
  if (isOffscreen(canvas)) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve, reject) => {
    const settle = (blob: Blob | null): void =>
      blob ? resolve(blob) : reject(new Error(`unable to encode the picture; no ${type} came`));
    canvas.toBlob(settle, type, quality);
  });
};

function isOffscreen(canvas: Canvas): canvas is OffscreenCanvas {
  return 'convertToBlob' in canvas;
}
