import { defineComponent, h, onMounted, type PropType, type PublicProps, shallowRef } from 'vue';
import { type FaceOptions, faceOf } from '../bindings/face.ts';
import { useUser } from './users.ts';

/** Props of {@link VisavisAvatar}; attributes, `class` and `style` among them, go to its `span`. */
export interface VisavisAvatarProps extends FaceOptions {
  readonly userId: string | number;
}

/** Written out, because what Vue calls it differs between its versions. */
export type VisavisAvatarComponent = new (
  props: VisavisAvatarProps & PublicProps,
) => { readonly $props: VisavisAvatarProps & PublicProps };

type Image = NonNullable<ReturnType<typeof faceOf>['image']>;

const Picture = defineComponent(
  (props: { readonly image: Image; readonly initials: string }) => {
    const element = shallowRef<HTMLImageElement | null>(null);
    const outcome = shallowRef({ src: '', isShown: false });
    const settle = (isShown: boolean) => {
      outcome.value = { src: props.image.src, isShown };
    };

    // A picture that a server sent along may have been there, or failed, before Vue was.
    onMounted(() => {
      const { complete = false, naturalWidth = 0 } = element.value ?? {};
      if (complete) settle(naturalWidth > 0);
    });

    return () => {
      const { src, isShown } = outcome.value;
      const { image, initials } = props;
      return [
        isShown ? null : initials,
        !isShown && src === image.src
          ? null
          : h('img', { ...image, ref: element, onLoad: () => settle(true), onError: () => settle(false) }),
      ];
    };
  },
  {
    name: 'VisavisPicture',
    props: {
      image: { type: Object as PropType<Image>, required: true },
      initials: { type: String, required: true },
    },
  },
);

/** A user's picture, or initials on the user's colour until it is loaded, where there is none and where it is broken. */
export const VisavisAvatar: VisavisAvatarComponent = defineComponent(
  (props: VisavisAvatarProps) => {
    const user = useUser(() => props.userId);
    return () => {
      const { root, initials, image } = faceOf(user.value, props);
      return h('span', root, image ? [h(Picture, { image, initials })] : initials);
    };
  },
  {
    name: 'VisavisAvatar',
    props: {
      userId: { type: [String, Number], required: true },
      size: Number,
      decorative: Boolean,
      lazy: Boolean,
    },
  },
);
