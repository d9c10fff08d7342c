import { type ComputedRef, computed, createApp, h, ref, type ShallowRef } from 'vue';
import {
  type Avatar,
  type AvatarClient,
  type ConnectionStatus,
  createClient,
  type MessageItem,
  type UserSnapshot,
  type VisavisClient,
} from '../../src/index.ts';
import {
  type AvatarUpload,
  createVisavis,
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
  VisavisAvatar,
} from '../../src/vue/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

// A client of the package is a client of the plugin.
const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
createApp({}).use(createVisavis(client));
// @ts-expect-error a client is needed
createVisavis();

h(VisavisAvatar, { userId: 1, size: 64, decorative: true, lazy: true });
h(VisavisAvatar, { userId: 'u1', class: 'face', style: { borderRadius: '4px' } });
// @ts-expect-error a size is a number
h(VisavisAvatar, { userId: 'u1', size: '64' });

export function setup() {
  same<ReturnType<typeof useUser>, Readonly<ShallowRef<UserSnapshot>>>(true);
  same<ReturnType<typeof useAvatar>, ComputedRef<Avatar | null>>(true);
  same<ReturnType<typeof useConnection>, Readonly<ShallowRef<ConnectionStatus>>>(true);
  const full: VisavisClient = useClient();
  // A client for pictures alone has no chat to speak of.
  const small = useClient<AvatarClient>();
  // @ts-expect-error no chat
  small.messages;

  // An id is a value, a ref or a getter.
  const id = ref('c1');
  for (const conversation of ['c1', 1, id, computed(() => id.value), () => id.value])
    useMessages(conversation);
  // @ts-expect-error an id is a string or a number
  useMessages(true);

  const { items, totalUnread, loadMore } = useConversations();
  const more: Promise<void> = loadMore();
  const unread: number = useUnread(id).value + useUnread().value + totalUnread.value;
  // @ts-expect-error snapshots are frozen
  items.value.push();
  // @ts-expect-error a field is not set from outside
  items.value = [];

  const thread = useMessages(id, { keepSeen: () => true });
  const sent: Promise<MessageItem> = thread.send({ text: 'hi' });
  thread.retry('x');
  // @ts-expect-error a message is an object
  thread.send('hi');
  const { typists, keystroke } = useTyping(id);
  keystroke();

  useRealtimeEvent('unread', ({ totalUnread }) => totalUnread.toFixed());
  // @ts-expect-error no such event
  useRealtimeEvent('avatarChanged', () => {});

  return [full, more, unread, sent, typists, explain(useAvatarUpload())];
}

/** The status tells what else is there. */
function explain({ state: { value: state }, crop, retry }: AvatarUpload): string {
  if (state.status === 'working') return `${state.progress.fraction}`;
  if (state.status === 'cropping') crop({ x: 0, y: 0, width: state.info.width, height: 1 });
  if (state.status === 'done') return state.avatar.url;
  if (state.status === 'failed') retry();
  return '';
}
