import type { Logger } from '../index.ts';

const key = 'profilePictureDebug';

/** Tells the console while `localStorage.profilePictureDebug` is `true`; it may be switched at any moment. */
export const pageLogger: Logger = { debug: teller('debug'), warn: teller('warn'), error: teller('error') };

function teller(level: 'debug' | 'warn' | 'error') {
  return (message: string, detail?: unknown) => {
    if (isWanted()) console[level](`visavis: ${message}`, ...(detail === undefined ? [] : [detail]));
  };
}

function isWanted(): boolean {
  try {
    return localStorage.getItem(key) === 'true';
  } catch {
    // The storage is closed to this page.
    return false;
  }
}
