import type { UserSnapshot } from '../index.ts';

/** How a user's face is to be shown. */
export interface FaceOptions {
  /** Pixels a side. Default 40. */
  readonly size?: number | undefined;
  /** Whether the name stands beside it, so that it need not be read out again. */
  readonly decorative?: boolean | undefined;
  /** Whether the picture is loaded only when it comes near the screen. */
  readonly lazy?: boolean | undefined;
}

/** Pixels a side that every thumbnail has at least. */
const thumbPixels = 64;

/** A user's face as attributes and styles that React and Vue both take: initials, and the picture that covers them. */
export function faceOf(
  { avatar, name, initials, color, status }: UserSnapshot,
  { size = 40, decorative = false, lazy = false }: FaceOptions,
) {
  const isKnown = name !== '' || (status !== 'idle' && status !== 'loading');
  const px = `${size}px`;
  return {
    /** Empty until anything is known: a question mark would only be in the way of what comes. */
    initials: isKnown ? initials : '',
    root: {
      // Without a name there is nothing to read out yet.
      ...(decorative || name === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name }),
      style: {
        position: 'relative',
        display: 'inline-grid',
        flex: 'none',
        placeItems: 'center',
        overflow: 'hidden',
        width: px,
        height: px,
        borderRadius: '50%',
        background: color.background,
        color: color.text,
        fontSize: `${size * 0.4}px`,
        fontWeight: 600,
        lineHeight: 1,
        userSelect: 'none',
        verticalAlign: 'middle',
      },
    },
    image: avatar && {
      alt: '',
      width: size,
      height: size,
      draggable: false,
      // Before the address: some browsers go by what is there when it is set.
      loading: lazy ? 'lazy' : 'eager',
      // The SDK hands over pictures that are decoded already; asynchronous decoding would show a gap.
      decoding: 'sync',
      src: size > thumbPixels ? avatar.url : avatar.thumbUrl,
      // A server does not know how dense the screen is.
      srcSet: size > thumbPixels / 2 && size <= thumbPixels ? `${avatar.url} 2x` : undefined,
      style: { position: 'absolute', inset: 0, width: '100%', height: '100%', objectFit: 'cover' },
    },
  } as const;
}
