import { randomBytes } from 'node:crypto';

/** Everything an avatar may be. Animated and vector formats are left out on purpose. */
export const pictureTypes = {
  'image/webp': { extension: 'webp', format: 'webp' },
  'image/jpeg': { extension: 'jpg', format: 'jpeg' },
  'image/png': { extension: 'png', format: 'png' },
} as const;

export type PictureType = keyof typeof pictureTypes;

export function isPictureType(contentType: string): contentType is PictureType {
  return Object.hasOwn(pictureTypes, contentType);
}

/** Where a picture is published: never used for another one, and never holding a client's words. */
export function newPictureKey(folder: string, userId: string, type: PictureType): string {
  return `${folder}/${userId}/${randomBytes(16).toString('hex')}.${pictureTypes[type].extension}`;
}

/** The last part of a key, which is as unique as the whole. */
export function filenameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

const byExtension = new Map<string, string>(
  Object.entries(pictureTypes).map(([contentType, { extension }]) => [extension, contentType]),
);

/** The type a key promises; `undefined` for a key that is not ours. */
export function typeOfKey(key: string): string | undefined {
  return byExtension.get(key.slice(key.lastIndexOf('.') + 1));
}
