import imageCompression from 'browser-image-compression';

/** Each makes the picture 5 % smaller and 5 % coarser: enough for a hundredth of the bytes. */
const maxIteration = 45;

/**
 * Brings a picture under a number of bytes, first by its quality and its size a little, then by more of both. Its own
 * worker would load code from a CDN, so it runs on the page; its signal never settles once it is aborted.
 */
export async function compress(picture: Blob, maxBytes: number, signal?: AbortSignal): Promise<Blob> {
  signal?.throwIfAborted();
  const { type } = picture;
  return imageCompression(new File([picture], 'picture', { type }), {
    maxSizeMB: maxBytes / 2 ** 20,
    initialQuality: 0.95,
    fileType: type,
    maxIteration,
    useWebWorker: false,
    preserveExif: false,
    ...(signal && { signal }),
  });
}
