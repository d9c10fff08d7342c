import { createElement, createRef, type ReactElement } from 'react';
import {
  type AvatarClient,
  type Avatar as AvatarPicture,
  type ConnectionStatus,
  createClient,
  type MessageItem,
  type UserSnapshot,
  type VisavisClient,
} from '../../src/index.ts';
import {
  Avatar,
  type AvatarProps,
  type AvatarUpload,
  type useAvatar,
  useAvatarUpload,
  useClient,
  type useConnection,
  useConversations,
  useMessages,
  useRealtimeEvent,
  useTyping,
  useUnread,
  type useUser,
  VisavisProvider,
} from '../../src/react/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

// A client of the package is a client of the provider.
const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
export const page: ReactElement = createElement(VisavisProvider, { client }, 'a page');
// @ts-expect-error a client is needed
createElement(VisavisProvider, {});

createElement(Avatar, { userId: 1, size: 64, decorative: true, lazy: true, className: 'face', title: 'x' });
createElement(Avatar, { userId: 'u1', ref: createRef<HTMLSpanElement>(), style: { borderRadius: 4 } });
// @ts-expect-error whose?
createElement(Avatar, { size: 64 });
// @ts-expect-error it has no children
same<keyof AvatarProps & 'children', 'children'>(true);

export function Everything() {
  same<ReturnType<typeof useUser>, UserSnapshot>(true);
  same<ReturnType<typeof useAvatar>, AvatarPicture | null>(true);
  same<ReturnType<typeof useConnection>, ConnectionStatus>(true);
  same<ReturnType<typeof useUnread>, number>(true);
  const full: VisavisClient = useClient();
  // A client for pictures alone has no chat to speak of.
  const small = useClient<AvatarClient>();
  // @ts-expect-error no chat
  small.messages;

  const { items, totalUnread, loadMore } = useConversations();
  const more: Promise<void> = loadMore();
  const unread: number = useUnread('c1') + useUnread(1) + totalUnread;
  // @ts-expect-error snapshots are frozen
  items.push();

  const thread = useMessages('c1', { keepSeen: true });
  const sent: Promise<MessageItem> = thread.send({ text: 'hi' });
  thread.retry('x');
  thread.markSeen();
  // @ts-expect-error a message is an object
  thread.send('hi');
  // @ts-expect-error a view is not handed out, only what it says and does
  thread.subscribe;
  const { typists, keystroke } = useTyping(1);
  keystroke();

  useRealtimeEvent('unread', ({ totalUnread }) => totalUnread.toFixed());
  // @ts-expect-error no such event
  useRealtimeEvent('avatarChanged', () => {});

  return [full, more, unread, sent, typists, explain(useAvatarUpload())];
}

/** The status tells what else is there. */
function explain(upload: AvatarUpload): string {
  // @ts-expect-error only while it works
  upload.progress;
  if (upload.status === 'working') return `${upload.progress.fraction}`;
  if (upload.status === 'cropping') upload.crop({ x: 0, y: 0, width: upload.info.width, height: 1 });
  if (upload.status === 'done') return upload.avatar.url;
  if (upload.status === 'failed') upload.retry();
  return '';
}
