// @ts-check
import { isVisavisError } from './visavis-error.js';

/** Milliseconds that a good end stays on the page. */
export const doneMs = 6_000;

/** @type {Readonly<Record<import('../../src/index.ts').UploadStage, string>>} */
export const stageText = {
  inspect: 'Looking at the picture',
  compress: 'Making it small',
  presign: 'Finding a place for it',
  put: 'Sending it',
  complete: 'Telling everyone',
};

const kilobytes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** @param {import('../../src/index.ts').UploadProgress} progress */
export function progressText({ stage, loaded, total }) {
  if (stage !== 'put') return stageText[stage];
  return `${stageText.put}, ${kilobytes.format(loaded / 1000)} of ${kilobytes.format(total / 1000)} kB`;
}

/** How it ended, when that was not in vain or by mistake. */
export const endText = {
  saved: 'Saved. Everyone sees it now.',
  stopped: 'Stopped. Your picture has not changed.',
  superseded: 'A newer picture took its place.',
  deleted: 'Deleted. Everyone sees your initials.',
};

/**
 * Whether an upload ended because another one took its place.
 *
 * @param {unknown} error
 */
export const isSuperseded = (error) => isVisavisError(error) && error.code === 'UPLOAD_SUPERSEDED';
