export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a format's header says, before the orientation is applied. */
export interface PictureHeader {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** `true` when a pixel may be transparent. */
  readonly alpha: boolean;
}

/** Orientations 5 to 8 lie on their side: width and height change places. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}
