import { chat, chatV2, media, presigned, profilePicture, profilePictureJson, uploadRoute } from '../index.ts';

/** By the names that the script tag's attributes use. */
export const picturePresets = { presigned, media, profilePicture, profilePictureJson, uploadRoute };
export const chatPresets = { chat, chatV2 };
