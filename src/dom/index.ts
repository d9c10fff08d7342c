/**
 * For pages without a framework: an element, picture containers, and events of the page.
 *
 * @module visavis/dom
 */

export { defineAvatarElement, type VisavisAvatarElement } from './avatar-element.ts';
export { connectVisavis } from './default-client.ts';
export { type PageEventOptions, wireEvents } from './page-events.ts';
export { type WirePicturesOptions, wirePictures } from './picture-containers.ts';
