import {
  type ComponentPropsWithoutRef,
  createElement,
  Fragment,
  forwardRef,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from 'react';
import { type FaceOptions, faceOf } from '../bindings/face.ts';
import { useUser } from './users.ts';

/** Props of {@link Avatar}; all others, `className` and `style` among them, go to its `span`. */
export interface AvatarProps extends FaceOptions, Omit<ComponentPropsWithoutRef<'span'>, 'children'> {
  readonly userId: string | number;
}

/** A user's picture, or initials on the user's colour until it is loaded, where there is none and where it is broken. */
export const Avatar = forwardRef<HTMLSpanElement, AvatarProps>(function Avatar(
  { userId, size, decorative, lazy, style, ...rest },
  ref,
) {
  const { root, initials, image } = faceOf(useUser(userId), { size, decorative, lazy });
  return createElement(
    'span',
    { ...root, ...rest, ref, style: { ...root.style, ...style } },
    image ? createElement(Picture, { image, initials }) : initials,
  );
});

interface PictureProps {
  readonly image: NonNullable<ReturnType<typeof faceOf>['image']>;
  readonly initials: string;
}

function Picture({ image, initials }: PictureProps): ReactElement {
  const element = useRef<HTMLImageElement>(null);
  const [outcome, settle] = useState({ src: '', isShown: false });
  const isBroken = !outcome.isShown && outcome.src === image.src;
  const settled = (isShown: boolean) => settle({ src: image.src, isShown });

  // A picture that a server sent along may have been there, or failed, before React was.
  useEffect(() => {
    const { complete = false, naturalWidth = 0 } = element.current ?? {};
    if (complete) settle({ src: image.src, isShown: naturalWidth > 0 });
  }, [image.src]);

  return createElement(
    Fragment,
    null,
    outcome.isShown ? null : initials,
    isBroken
      ? null
      : createElement('img', {
          ...image,
          ref: element,
          onLoad: () => settled(true),
          onError: () => settled(false),
        }),
  );
}
