import { type Component, createSSRApp, defineComponent, h } from 'vue';
import type { AvatarClient } from '../../src/index.ts';
import {
  createVisavis,
  useAvatar,
  useAvatarUpload,
  useClient,
  useConnection,
  useConversations,
  useMessages,
  useTyping,
  useUnread,
  useUser,
  VisavisAvatar,
} from '../../src/vue/index.ts';

const Header = defineComponent(() => {
  const user = useUser(useClient().userId);
  const { state } = useAvatarUpload();
  const connection = useConnection();
  return () =>
    h('header', [
      h(VisavisAvatar, { userId: 'u1', size: 64 }),
      h('h1', `${user.value.name} ${user.value.status} ${state.value.status}`),
      h('output', connection.value),
    ]);
});

const Inbox = defineComponent(() => {
  const { items, status, totalUnread } = useConversations();
  const unread = useUnread('c1');
  return () =>
    h('nav', [
      `${status.value} ${totalUnread.value} ${unread.value}`,
      h(
        'ul',
        items.value.map(({ id, otherUser, lastMessage, unread }) =>
          h('li', { key: id }, [
            otherUser && h(VisavisAvatar, { userId: otherUser.id, decorative: true, lazy: true }),
            `${otherUser?.name}: ${lastMessage?.text ?? ''} (${unread})`,
          ]),
        ),
      ),
    ]);
});

/** An open conversation. */
export const Thread = defineComponent(() => {
  const { items, status, seenBy } = useMessages('c1');
  const { typists } = useTyping(() => 'c1');
  const picture = useAvatar('u2');
  return () =>
    h('article', [
      `${status.value} ${typists.value.length} ${seenBy.value.length} ${picture.value?.version}`,
      h(
        'ol',
        items.value.map((item) => h('li', { key: item.key }, item.kind === 'message' ? item.text : '…')),
      ),
    ]);
});

/** A page with everything on it; `Late` is a part of which the code may come late. */
export function vuePage(client: AvatarClient, Late: Component = Thread) {
  return createSSRApp({ render: () => [h(Header), h(Inbox), h(Late)] }).use(createVisavis(client));
}
