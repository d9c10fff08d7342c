import { useState } from 'react';
import { useRealtimeEvent } from 'visavis/react';
import { focusInbox } from '../../shared/focus.js';
import type { Person } from '../../shared/people-api.js';
import { Banner } from './banner.tsx';
import { Devtools } from './devtools.tsx';
import { Header, Status } from './header.tsx';
import { Hero } from './hero.tsx';
import { Inbox } from './inbox.tsx';
import { Notice } from './notice.tsx';
import { Profile } from './profile.tsx';
import { Thread } from './thread.tsx';
import { Toasts } from './toasts.tsx';
import { useView } from './use-view.ts';

interface MessengerProps {
  readonly people: readonly Person[];
  readonly userId: string;
  readonly onBecome: (userId: string) => void;
}

/** Inbox, thread and own picture of the signed-in person. */
export function Messenger({ people, userId, onBecome }: MessengerProps) {
  const { name, id } = useView();
  const [isSignedOut, setSignedOut] = useState(false);
  useRealtimeEvent('signedOut', () => setSignedOut(true));

  return (
    <div className="app" data-view={name}>
      {/* biome-ignore lint/a11y/useValidAnchor: a link within the page, without a new place in its history. */}
      <a
        className="skip"
        href="#inbox"
        onClick={(event) => {
          event.preventDefault();
          focusInbox(null);
        }}
      >
        Skip to messages
      </a>
      <Header people={people} userId={userId} onBecome={onBecome}>
        <Status />
        <Devtools />
      </Header>
      <Banner />
      {isSignedOut && <Notice text="You are signed out." onRetry={() => onBecome(userId)} />}
      <main>
        {/* Not in the header: on a phone that makes room for an open conversation. */}
        <h1 className="unseen">visavis</h1>
        <Inbox openId={id} />
        <section className="pane thread" data-testid="thread" aria-label="Conversation">
          {id === null ? <Hero people={people} userId={userId} /> : <Thread id={id} key={id} />}
        </section>
        <Profile people={people} userId={userId} />
      </main>
      <Toasts openId={id} />
    </div>
  );
}
