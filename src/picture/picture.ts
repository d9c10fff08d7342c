export type { CropRect } from './crop.ts';
export type { PictureFault, PictureFaultCode } from './fault.ts';
export { fit } from './fit.ts';
export { inspect, type PictureInfo, type PictureLimits } from './inspect.ts';
export type { RenderedPicture, RenderOptions } from './render.ts';
export { createRenderer, type Renderer, type RendererOptions } from './renderer.ts';
export type { PictureType } from './sniff.ts';
