import { chat, presigned } from '../index.ts';

/** By the names that the script tag's attributes use. */
export const picturePresets = { presigned };
export const chatPresets = { chat };
