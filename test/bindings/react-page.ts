import { type ComponentType, createElement as h, type ReactElement, Suspense } from 'react';
import type { AvatarClient } from '../../src/index.ts';
import {
  Avatar,
  useAvatar,
  useAvatarUpload,
  useClient,
  useConnection,
  useConversations,
  useMessages,
  useTyping,
  useUnread,
  useUser,
  VisavisProvider,
} from '../../src/react/index.ts';

function Header() {
  const { name, status } = useUser(useClient().userId);
  const upload = useAvatarUpload();
  return h(
    'header',
    null,
    h(Avatar, { userId: 'u1', size: 64 }),
    h('h1', null, name, ' ', status, ' ', upload.status),
    h('output', null, useConnection()),
  );
}

function Inbox() {
  const { items, status, totalUnread } = useConversations();
  const rows = items.map(({ id, otherUser, lastMessage, unread }) =>
    h(
      'li',
      { key: id },
      otherUser && h(Avatar, { userId: otherUser.id, decorative: true, lazy: true }),
      `${otherUser?.name}: ${lastMessage?.text ?? ''} (${unread})`,
    ),
  );
  return h('nav', null, `${status} ${totalUnread} ${useUnread('c1')}`, h('ul', null, rows));
}

/** An open conversation. */
export function Thread() {
  const { items, status, seenBy } = useMessages('c1');
  const { typists } = useTyping('c1');
  const lines = items.map((item) => h('li', { key: item.key }, item.kind === 'message' ? item.text : '…'));
  const picture = useAvatar('u2')?.version;
  const notes = `${status} ${typists.length} ${seenBy.length} ${picture}`;
  return h('article', null, notes, h('ol', null, lines));
}

/** A page with everything on it; `Late` is a part of which the code may come late. */
export function reactPage(client: AvatarClient, Late: ComponentType = Thread): ReactElement {
  const late = h(Suspense, { fallback: 'waiting' }, h(Late));
  return h(VisavisProvider, { client }, h(Header), h(Inbox), late);
}
