/** The script tag's global. */
declare const Visavis: typeof import('../../src/global.ts');
