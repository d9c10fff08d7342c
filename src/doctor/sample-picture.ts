import type { ImageEncoder, PictureRules } from '../avatar/encoder.ts';
import type { EncodedPicture } from '../models.ts';

/** A green square of 64 pixels a side, by type. */
const samples: Readonly<Record<EncodedPicture['type'], string>> = {
  'image/webp':
    'UklGRkoAAABXRUJQVlA4ID4AAACwAwCdASpAAEAAPu12t1WppyUjIggBMB2JaQDTJAYWV1gA4tiFMAD+2O5w4X9etLc25H+e6JHgYal6cUgAAA==',
  'image/jpeg':
    '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCABAAEADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAME/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8ArATYQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAH/2Q==',
  'image/png':
    'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAMAAACdt4HsAAAAA1BMVEVmu4gPcvYpAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAG0lEQVRYhe3BgQAAAADDoPlT3+AEVQEAAAB0DRBAAAGx1LfoAAAAAElFTkSuQmCC',
};

/** Gives the sample in the type that the backend likes best, where there is no browser to encode anything. */
export function sampleEncoder({ types: [type = 'image/jpeg'] }: PictureRules): ImageEncoder {
  const blob = new Blob([Uint8Array.from(atob(samples[type]), (byte) => byte.charCodeAt(0))], { type });
  return {
    warm() {},
    inspect: async () => ({ type, width: 64, height: 64, bytes: blob.size }),
    async compress(_file, _crop, onInspected) {
      onInspected();
      return [
        { kind: 'avatar', size: 64, type, blob },
        { kind: 'thumb', size: 64, type, blob },
      ];
    },
    dispose() {},
  };
}
