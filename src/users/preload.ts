/** Resolves once a picture is decoded, so that showing it cannot flash; rejects when it cannot be shown. */
export type PreloadPicture = (url: string) => Promise<void>;

/** By an image that is in no document; outside of pages there is nothing to wait for. */
export const preloadPicture: PreloadPicture = async (url) => {
  if (typeof Image === 'undefined') return;
  const image = new Image();
  image.src = url;
  await image.decode();
};
