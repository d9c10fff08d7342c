import { describe, expect, it } from 'vitest';
import { createApp, effectScope, h, nextTick, onUpdated, type Ref, ref } from 'vue';
import {
  createVisavis,
  type Messages,
  useAvatar,
  useAvatarUpload,
  useClient,
  useConnection,
  useConversations,
  useMessages,
  useRealtimeEvent,
  useTyping,
  useUnread,
  useUser,
  VisavisProvider,
} from '../../src/vue/index.ts';
import { mount } from './vue-root.ts';
import { createWorld, lull, until } from './world.ts';

/** A component that shows what a getter gives. */
const showing = (setup: () => () => unknown) => ({ setup: () => setup() as () => string });

const threadText = ({ status, items }: Messages) =>
  `${status.value}: ${items.value.map((item) => (item.kind === 'message' ? item.text : '…')).join(', ')}`;

describe('Vue composables', () => {
  it('[BI1] show a user, then another, and follow them', async () => {
    const { backend, client } = createWorld();
    const id: Ref<string | number> = ref('u2');
    const page = mount(
      client(),
      showing(() => {
        const [user, avatar] = [useUser(id), useAvatar(() => id.value)];
        return () => `${user.value.name} ${user.value.status} ${avatar.value?.version ?? 'none'}`;
      }),
    );
    await until(() => page.text, 'Jonas ready none');
    backend.person('u2').setPicture();
    await until(() => page.text, 'Jonas ready 1');
    id.value = 'u3';
    await nextTick();
    expect(page.text).not.toContain('Jonas');
    await until(() => page.text, 'Noor ready none');
    backend.person('u3').setPicture();
    await until(() => page.text, 'Noor ready 1');
  });

  it('[BI1] show a conversation, then another, and do what the client does with it', async () => {
    const { backend, client, frames } = createWorld();
    for (let i = 1; i <= 60; i += 1) backend.person('u2').send('c1', `${i}`);
    backend.person('u3').send('c2', 'second');
    const id = ref('c1');
    let thread: Messages | undefined;
    const page = mount(
      client(),
      showing(() => {
        const messages = useMessages(id);
        thread = messages;
        return () => threadText(messages);
      }),
    );
    await until(() => thread?.items.value.length, 50);
    await thread?.loadOlder();
    await until(() => thread?.items.value.length, 60);
    await thread?.send({ text: 'hello' });
    await until(() => thread?.items.value.at(-1), expect.objectContaining({ status: 'sent', text: 'hello' }));
    thread?.markSeen();
    await until(() => thread?.unread.value, 0);
    id.value = 'c2';
    await until(() => page.text, 'ready: second');
    await thread?.send({ text: 'third' });
    await until(() => page.text, 'ready: second, third');
    page.show(null);
    await until(() => frames('leave_conversation').length, 2);
    expect(frames('join_conversation')).toHaveLength(2);
  });

  it('[BI1] show the inbox, its counts and the connection', async () => {
    const { backend, client } = createWorld();
    const maya = client('u1', { isConnected: false });
    const page = mount(
      maya,
      showing(() => {
        const { items, status } = useConversations();
        const [all, one, none, connection] = [
          useUnread(),
          useUnread('c1'),
          useUnread(() => 'c9'),
          useConnection(),
        ];
        return () =>
          [connection, status].map(({ value }) => value).join(' ') +
          [...items.value.map(({ otherUser }) => otherUser?.name), all.value, one.value, none.value].join(
            ' ',
          );
      }),
    );
    await until(() => page.text.startsWith('offline ready'), true);
    maya.realtime.connect();
    await until(() => page.text.startsWith('live ready'), true);
    backend.person('u2').send('c1', 'hi');
    await until(() => page.text, 'live readyJonas Noor 1 1 0');
    backend.person('u3').send('c2', 'hi');
    await until(() => page.text, 'live readyNoor Jonas 2 1 0');
    page.unmount();
    maya.realtime.disconnect();
  });

  it('[BI1] work in any scope of the app, as in a store', async () => {
    const { backend, client, frames } = createWorld();
    const maya = client();
    const app = createApp({});
    app.use(createVisavis(maya));
    const scope = effectScope();
    const thread = app.runWithContext(() => scope.run(() => useMessages('c1')));
    backend.person('u2').send('c1', 'hi');
    await until(() => thread?.items.value.length, 1);
    scope.stop();
    await until(() => frames('leave_conversation').length, 1);
  });

  it('[BI1] take the client of the provider around them before that of the app', async () => {
    const { client } = createWorld();
    const [maya, jonas] = [client('u1'), client('u2')];
    const page = mount(
      maya,
      showing(() => () => [
        useClient().userId,
        h(VisavisProvider, { client: jonas }, () => h(showing(() => () => useClient().userId))),
      ]),
    );
    await until(() => page.text, 'u1u2');
    page.unmount();
  });

  it('[BI1] say that the app has no client', () => {
    const app = createApp(showing(() => () => useClient()));
    app.config.warnHandler = () => {};
    expect(() => app.mount(document.createElement('main'))).toThrow(
      'unable to use the client; there is no VisavisProvider around, and the app does not use createVisavis()',
    );
  });

  it('[BI2] render only when what they give has changed', async () => {
    const { backend, client } = createWorld();
    const updates: string[] = [];
    const counted = (name: string, use: () => () => unknown) =>
      h(
        showing(() => {
          const read = use();
          onUpdated(() => updates.push(name));
          return () => String(read());
        }),
      );
    mount(client(), {
      render: () => [
        counted('user', () => {
          const user = useUser('u3');
          return () => user.value.name;
        }),
        counted('avatar', () => {
          const avatar = useAvatar('u2');
          return () => avatar.value?.url;
        }),
        counted('unread', () => {
          const unread = useUnread('c2');
          return () => unread.value;
        }),
        counted('thread', () => {
          const { items } = useMessages('c2');
          return () => items.value.length;
        }),
        counted('typing', () => {
          const { typists } = useTyping('c1');
          return () => typists.value.length;
        }),
        counted('status', () => {
          const { status } = useConversations();
          return () => status.value;
        }),
      ],
    });
    await lull();
    await lull();
    updates.length = 0;
    // A message of another conversation, and somebody who comes: nothing that any of them shows.
    backend.person('u2').send('c1', 'hi');
    client('u2');
    await lull();
    await lull();
    expect(updates).toEqual([]);
  });

  it('[BI3] give events to their listener once, and to none that is gone', async () => {
    const { backend, client } = createWorld();
    const heard: string[] = [];
    const page = mount(
      client(),
      showing(() => {
        useRealtimeEvent('avatarUpdated', ({ userId }) => heard.push(userId));
        useUser('u2');
        return () => '';
      }),
    );
    await lull();
    backend.person('u2').setPicture();
    await until(() => heard, ['u2']);
    page.show(null);
    backend.person('u2').setPicture();
    await lull();
    expect(heard).toEqual(['u2']);
  });

  it('[BI4] keep a conversation seen only while they are told to', async () => {
    const { backend, client } = createWorld();
    const [id, keepSeen] = [ref('c1'), ref(true)];
    const page = mount(
      client(),
      showing(() => {
        const [messages, unread] = [useMessages(id, { keepSeen }), useUnread()];
        return () => `${threadText(messages)} ${unread.value}`;
      }),
    );
    await until(() => page.text, 'ready:  0');
    backend.person('u2').send('c1', 'seen');
    await until(() => page.text, 'ready: seen 0');
    await until(() => backend.truth.conversations.get('c1')?.seen.get('u1'), 1);
    keepSeen.value = false;
    await nextTick();
    backend.person('u2').send('c1', 'not');
    await until(() => page.text, 'ready: seen, not 1');
    keepSeen.value = true;
    await until(() => page.text, 'ready: seen, not 0');
    id.value = 'c2';
    backend.person('u3').send('c2', 'hi');
    await until(() => page.text, 'ready: hi 0');
  });

  it('[BI4] tell who types, and end the own typing with the component or the conversation', async () => {
    const { backend, client, frames } = createWorld();
    const id = ref('c1');
    let key = () => {};
    const page = mount(
      client(),
      showing(() => {
        const { typists, keystroke } = useTyping(id);
        key = keystroke;
        return () => typists.value.map(({ name }) => name).join();
      }),
    );
    await until(() => frames('join_conversation').length > 0, true);
    await lull();
    backend.person('u2').type('c1');
    await until(() => page.text, 'Jonas');
    key();
    await until(() => frames('typing_start').length, 1);
    id.value = 'c2';
    await until(() => frames('typing_stop').length, 1);
    key();
    await until(() => frames('typing_start').length, 2);
    page.unmount();
    await until(() => frames('typing_stop').length, 2);
  });

  it('[BI6] publish the own picture', async () => {
    const { backend, client } = createWorld();
    let upload: ReturnType<typeof useAvatarUpload> | undefined;
    const page = mount(
      client(),
      showing(() => {
        const own = useAvatarUpload();
        upload = own;
        return () => own.state.value.status;
      }),
    );
    expect(page.text).toBe('idle');
    upload?.pick(new Blob(['x']));
    await until(() => page.text, 'cropping');
    upload?.cancel();
    await until(() => page.text, 'idle');
    upload?.pick(new Blob(['x']));
    await until(() => page.text, 'cropping');
    upload?.crop();
    await until(() => page.text, 'done');
    expect(backend.truth.users.get('u1')?.avatarVersion).toBe(1);
  });
});
