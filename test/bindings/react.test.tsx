import { memo, type ReactNode, startTransition, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { describe, expect, it } from 'vitest';
import {
  type Messages,
  useAvatar,
  useClient,
  useConnection,
  useConversations,
  useMessages,
  useRealtimeEvent,
  useTyping,
  useUnread,
  useUser,
  VisavisProvider,
} from '../../src/react/index.ts';
import { mount } from './react-root.ts';
import { createWorld, lull, until } from './world.ts';

const Thread = ({
  id,
  keepSeen,
  tell,
}: {
  id: string;
  keepSeen?: boolean;
  tell?: (thread: Messages) => void;
}) => {
  const thread = useMessages(id, { keepSeen });
  tell?.(thread);
  return `${thread.status}: ${thread.items.map((item) => (item.kind === 'message' ? item.text : '…')).join(', ')}`;
};

const Typists = ({ id }: { id: string }) => {
  const { typists, keystroke, stop } = useTyping(id);
  return (
    <>
      <input onInput={keystroke} onBlur={stop} />
      {typists.map(({ name }) => name).join()}
    </>
  );
};

const rows = Array.from({ length: 30 }, (_, i) => i);

const key = (page: { container: Element }) =>
  page.container.querySelector('input')?.dispatchEvent(new Event('input', { bubbles: true }));

describe('React hooks', () => {
  it('[BI1] show a user, then another, and follow them', async () => {
    const { backend, client } = createWorld();
    const Face = ({ id }: { id: string | number }) => {
      const { name, status } = useUser(id);
      return `${name} ${status} ${useAvatar(id)?.version ?? 'none'}`;
    };
    const page = mount(client(), <Face id="u2" />);
    await until(() => page.text, 'Jonas ready none');
    backend.person('u2').setPicture();
    await until(() => page.text, 'Jonas ready 1');
    page.show(<Face id="u3" />);
    await until(() => page.text, 'Noor ready none');
    backend.person('u3').setPicture();
    await until(() => page.text, 'Noor ready 1');
  });

  it('[BI1] show a conversation, then another, and follow them', async () => {
    const { backend, client } = createWorld();
    backend.person('u2').send('c1', 'first');
    backend.person('u3').send('c2', 'second');
    const page = mount(client(), <Thread id="c1" />);
    await until(() => page.text, 'ready: first');
    page.show(<Thread id="c2" />);
    expect(page.text).not.toContain('first');
    await until(() => page.text, 'ready: second');
    backend.person('u3').send('c2', 'third');
    await until(() => page.text, 'ready: second, third');
  });

  it('[BI1] show the inbox, its counts and the connection', async () => {
    const { backend, client } = createWorld();
    const maya = client('u1', { isConnected: false });
    const Inbox = () => {
      const { items, status } = useConversations();
      const unread = [useUnread(), useUnread('c1'), useUnread('c9')];
      return [useConnection(), status, ...items.map(({ otherUser }) => otherUser?.name), ...unread].join(' ');
    };
    const page = mount(maya, <Inbox />);
    expect(page.text).toBe('offline loading 0 0 0');
    maya.realtime.connect();
    expect(page.text).toMatch(/^offline|^connecting/);
    await until(() => page.text.split(' ').toSorted(), ['0', '0', '0', 'Jonas', 'Noor', 'live', 'ready']);
    backend.person('u2').send('c1', 'hi');
    await until(() => page.text, 'live ready Jonas Noor 1 1 0');
    backend.person('u3').send('c2', 'hi');
    await until(() => page.text, 'live ready Noor Jonas 2 1 0');
    maya.realtime.disconnect();
    await until(() => page.text.split(' ')[0], 'offline');
  });

  it('[BI1] do what the client does', async () => {
    const { backend, client } = createWorld();
    for (let i = 1; i <= 60; i += 1) backend.person('u2').send('c1', `${i}`);
    let thread: Messages | undefined;
    const page = mount(client(), <Thread id="c1" tell={(now) => (thread = now)} />);
    await until(() => thread?.items.length, 50);
    await thread?.loadOlder();
    await until(() => thread?.items.length, 60);
    const sent = await thread?.send({ text: 'hello' });
    await until(() => page.text.endsWith('60, hello'), true);
    await until(() => thread?.items.at(-1), expect.objectContaining({ status: 'sent' }));
    expect(thread?.unread).toBe(60);
    thread?.markSeen();
    await until(() => thread?.unread, 0);
    const id = thread?.items.findLast((item) => item.kind === 'message')?.id;
    expect(sent?.text).toBe('hello');
    await thread?.delete(String(id));
    await until(() => page.text.endsWith('60, '), true);
  });

  it('[BI1] stop when the component is gone, and begin again when it is back', async () => {
    const { backend, client, frames } = createWorld();
    backend.person('u2').send('c1', 'first');
    const maya = client();
    const page = mount(maya, <Thread id="c1" />);
    await until(() => page.text, 'ready: first');
    page.show(null);
    await until(() => frames('leave_conversation').length, frames('join_conversation').length);
    const reads = () => backend.journal.requests.filter(({ path }) => path.endsWith('/c1/messages')).length;
    const before = reads();
    backend.person('u2').send('c1', 'second');
    await lull();
    expect(reads()).toBe(before);
    page.show(<Thread id="c1" />);
    await until(() => page.text, 'ready: first, second');
    page.unmount();
    await until(() => frames('leave_conversation').length, frames('join_conversation').length);
  });

  it('[BI1] follow another client, when the provider is given one', async () => {
    const { client } = createWorld();
    const Me = () => useUser(useClient().userId).name;
    const page = mount(client('u1'), <Me />);
    await until(() => page.text, 'Maya');
    page.use(client('u2'));
    await until(() => page.text, 'Jonas');
  });

  it('[BI1] say that there is no provider', () => {
    const root = createRoot(document.createElement('main'), {
      onUncaughtError: (error) => errors.push(error),
    });
    const errors: unknown[] = [];
    const Alone = () => useUser('u1').name;
    flushSync(() => root.render(<Alone />));
    expect(errors).toEqual([new Error('unable to use the client; there is no VisavisProvider above')]);
  });

  it('[BI2] render only when what they give has changed', async () => {
    const { backend, client } = createWorld();
    const renders: Record<string, number> = {};
    const count = (name: string) => {
      renders[name] = (renders[name] ?? 0) + 1;
      return null;
    };
    const Parts: Record<string, () => ReactNode> = {
      user: () => count(`user ${useUser('u3') && ''}`),
      avatar: () => count(`avatar ${useAvatar('u2') && ''}`),
      unread: () => count(`unread ${useUnread('c2') && ''}`),
      thread: () => count(`thread ${useMessages('c2') && ''}`),
      typing: () => count(`typing ${useTyping('c1') && ''}`),
      connection: () => count(`connection ${useConnection() && ''}`),
    };
    mount(
      client(),
      Object.entries(Parts).map(([name, Part]) => <Part key={name} />),
    );
    await lull();
    await lull();
    const settled = { ...renders };
    expect(Object.keys(settled)).toHaveLength(6);
    // A message of another conversation, and a name: nothing that any of them shows.
    backend.person('u2').send('c1', 'hi');
    client('u2');
    await lull();
    await lull();
    expect(renders).toEqual(settled);
  });

  it('[BI2] hand out the same object while nothing changes, and the same functions as long as the conversation is', async () => {
    const { backend, client } = createWorld();
    const seen: Messages[] = [];
    const Twice = memo(({ id }: { id: string }) => {
      const thread = useMessages(id);
      const [turns, turn] = useState(0);
      seen.push(thread);
      return (
        <button type="button" onClick={() => turn(turns + 1)}>
          {thread.items.length}
        </button>
      );
    });
    const page = mount(client(), <Twice id="c1" />);
    await lull();
    const settled = seen.at(-1);
    page.container.querySelector('button')?.click();
    await lull();
    expect(seen.at(-1)).toBe(settled);
    const turned = seen.length;
    backend.person('u2').send('c1', 'hi');
    await until(() => page.text, '1');
    expect(seen.length).toBeGreaterThan(turned);
    expect(seen.at(-1)).not.toBe(settled);
    expect(seen.at(-1)?.send).toBe(settled?.send);
    expect(seen.at(-1)?.loadOlder).toBe(settled?.loadOlder);
  });

  it('[BI3] give events to the listener that was rendered last, once, and to none that is gone', async () => {
    const { backend, client } = createWorld();
    const heard: string[] = [];
    const Listener = ({ name }: { name: string }) => {
      useRealtimeEvent('avatarUpdated', ({ userId }) => heard.push(`${name} ${userId}`));
      useUser('u2');
      return null;
    };
    const page = mount(client(), <Listener name="first" />);
    await lull();
    backend.person('u2').setPicture();
    await until(() => heard, ['first u2']);
    page.show(<Listener name="second" />);
    backend.person('u2').setPicture();
    await until(() => heard, ['first u2', 'second u2']);
    page.show(null);
    backend.person('u2').setPicture();
    await lull();
    expect(heard).toHaveLength(2);
  });

  it('[BI4] keep a conversation seen only while they are told to', async () => {
    const { backend, client } = createWorld();
    const maya = client();
    const unread = () => maya.conversations.live().getSnapshot().totalUnread;
    const Both = ({ id, keepSeen }: { id: string; keepSeen: boolean }) => (
      <>
        <Thread id={id} keepSeen={keepSeen} />
        <Count />
      </>
    );
    const Count = () => ` ${useUnread()}`;
    const page = mount(maya, <Both id="c1" keepSeen />);
    await until(() => page.text, 'ready:  0');
    backend.person('u2').send('c1', 'seen');
    await until(() => page.text, 'ready: seen 0');
    await until(() => backend.truth.conversations.get('c1')?.seen.get('u1'), 1);
    page.show(<Both id="c1" keepSeen={false} />);
    backend.person('u2').send('c1', 'not');
    await until(() => page.text, 'ready: seen, not 1');
    page.show(<Both id="c2" keepSeen />);
    backend.person('u3').send('c2', 'hi');
    await until(() => page.text, 'ready: hi 1');
    expect(unread()).toBe(1);
  });

  it('[BI4] tell who types, and end the own typing with the component or the conversation', async () => {
    const { backend, client, frames } = createWorld();
    const maya = client();
    const page = mount(maya, <Typists id="c1" />);
    await until(() => frames('join_conversation').length > 0, true);
    await lull();
    backend.person('u2').type('c1');
    await until(() => page.text, 'Jonas');
    key(page);
    await until(() => frames('typing_start').length, 1);
    page.show(<Typists id="c2" />);
    await until(() => frames('typing_stop').length, 1);
    expect(page.text).toBe('');
    key(page);
    await until(() => frames('typing_start').length, 2);
    page.unmount();
    await until(() => frames('typing_stop').length, 2);
  });

  it('[BI5] never show two moments at once, however slowly a page renders', async () => {
    const { backend, client } = createWorld();
    const maya = client();
    const commits = new Set<string>();
    const Slow = () => {
      const { avatar, status } = useUser('u2');
      const start = performance.now();
      while (performance.now() - start < 4);
      return <i>{`${status} ${avatar?.version ?? 'none'}`}</i>;
    };
    const Many = ({ turn }: { turn: number }) => rows.map((row) => <Slow key={`${turn} ${row}`} />);
    const page = mount(maya, null);
    const watcher = new MutationObserver(() => {
      const texts = new Set([...page.container.querySelectorAll('i')].map(({ textContent }) => textContent));
      commits.add([...texts].join(' and '));
    });
    watcher.observe(page.container, { subtree: true, childList: true, characterData: true });
    maya.users.live('u2').subscribe(() => {});
    await lull();
    const root = createRoot(page.container.appendChild(document.createElement('div')));
    for (let turn = 1; turn <= 4; turn += 1) {
      startTransition(() =>
        root.render(
          <VisavisProvider client={maya}>
            <Many turn={turn} />
          </VisavisProvider>,
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 30));
      backend.person('u2').setPicture();
      await lull();
    }
    await until(() => commits.has('ready 4'), true);
    expect([...commits].filter((texts) => texts.includes(' and '))).toEqual([]);
    watcher.disconnect();
    root.unmount();
  });
});
