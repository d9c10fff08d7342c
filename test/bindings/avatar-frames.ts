import { createElement } from 'react';
import { h, nextTick, shallowRef } from 'vue';
import type { AvatarClient } from '../../src/index.ts';
import { Avatar, type AvatarProps } from '../../src/react/index.ts';
import { VisavisAvatar } from '../../src/vue/index.ts';
import { mount as mountReact } from './react-root.ts';
import { mount as mountVue } from './vue-root.ts';

type Props = Pick<AvatarProps, 'size' | 'decorative' | 'lazy'>;

/** An avatar of u2 in a page of one framework. */
interface Frame {
  readonly container: HTMLElement;
  change(props: Props): Promise<void>;
}

export const frames: readonly (readonly [string, (client: AvatarClient, props?: Props) => Frame])[] = [
  [
    'React',
    (client, props = {}) => {
      const element = (now: Props) => createElement(Avatar, { userId: 'u2', ...now });
      const { container, show } = mountReact(client, element(props));
      return { container, change: async (next) => show(element(next)) };
    },
  ],
  [
    'Vue',
    (client, props = {}) => {
      const current = shallowRef(props);
      const { container } = mountVue(client, () => h(VisavisAvatar, { userId: 'u2', ...current.value }));
      return {
        container,
        async change(next) {
          current.value = next;
          await nextTick();
        },
      };
    },
  ],
];
