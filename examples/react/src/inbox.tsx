import { useEffect, useState } from 'react';
import type { ConversationItem } from 'visavis';
import { Avatar, useConversations } from 'visavis/react';
import { walk } from '../../shared/focus.js';
import { threadHash } from '../../shared/router.js';
import { rowTime, watchDays } from '../../shared/times.js';
import {
  badgeText,
  dotText,
  inboxNote,
  moreFailed,
  previewText,
  stateText,
  stateTone,
  titleText,
  unreadLabel,
} from '../../shared/words.js';
import { Apps } from './apps.tsx';

/** The live list of conversations; one tab stop for all of them, and the arrow keys move along. */
export function Inbox({ openId }: { readonly openId: string | null }) {
  const inbox = useConversations();
  const { items, totalUnread, status, hasMore } = inbox;
  const [mood, setMood] = useState<'ready' | 'loading' | 'failed'>('ready');
  const [focusedId, setFocusedId] = useState<string | null>(null);
  const [, setDay] = useState({});
  const stop = [focusedId, openId, items[0]?.id].find((id) => items.some((item) => item.id === id));
  const note = inboxNote(inbox) || (mood === 'failed' ? moreFailed : '');

  useEffect(() => {
    document.title = titleText(totalUnread);
  }, [totalUnread]);
  useEffect(() => {
    const life = new AbortController();
    watchDays({ signal: life.signal, onDay: () => setDay({}) });
    return () => life.abort();
  }, []);

  async function loadMore() {
    setMood('loading');
    setMood(
      await inbox.loadMore().then(
        () => 'ready' as const,
        () => 'failed' as const,
      ),
    );
  }

  return (
    <section className="pane inbox" aria-labelledby="inbox-title">
      <div className="inbox-head">
        <h2 id="inbox-title">Messages</h2>
        <Badge unread={totalUnread} testId="total-unread" />
      </div>
      <div className="inbox-scroll">
        <ul
          className="inbox-list"
          id="inbox"
          data-testid="inbox"
          aria-labelledby="inbox-title"
          aria-busy={status === 'loading'}
          tabIndex={-1}
          onKeyDown={(event) => walk(event, event.currentTarget, 'a')}
        >
          {items.map((item) => (
            <li key={item.id}>
              <Row
                item={item}
                isOpen={item.id === openId}
                isStop={item.id === stop}
                onFocus={() => setFocusedId(item.id)}
              />
            </li>
          ))}
        </ul>
        {note && (
          <p className="inbox-note" data-testid="inbox-note">
            {note}
          </p>
        )}
        {hasMore && (
          <div className="inbox-more">
            <button
              type="button"
              className="button is-small"
              data-testid="load-more"
              disabled={mood === 'loading'}
              onClick={() => void loadMore()}
            >
              More
            </button>
          </div>
        )}
      </div>
      <Apps />
    </section>
  );
}

interface RowProps {
  readonly item: ConversationItem;
  readonly isOpen: boolean;
  /** Whether the tab key comes to it. */
  readonly isStop: boolean;
  readonly onFocus: () => void;
}

function Row({ item, isOpen, isStop, onFocus }: RowProps) {
  const { id, otherUser, typing, unread, lastMessage, activityAt } = item;
  const presence = otherUser?.presence ?? 'unknown';
  const isTyping = typing.length > 0;
  const mood = isTyping ? 'is-typing' : lastMessage?.text ? '' : 'is-soft';
  const state = stateText(item);
  return (
    <a
      className={`row ${unread > 0 ? 'is-unread' : ''}`}
      data-testid="conversation-row"
      data-conversation-id={id}
      href={threadHash(id)}
      tabIndex={isStop ? 0 : -1}
      aria-current={isOpen ? 'page' : undefined}
      onFocus={onFocus}
    >
      <span className="row-face">
        {otherUser && <Avatar className="face" userId={otherUser.id} size={48} decorative lazy />}
        <Presence presence={presence} />
      </span>
      <span className="row-name">
        <bdi>{otherUser?.name || '\u00a0'}</bdi>
      </span>
      <time className="row-time" dateTime={new Date(activityAt).toISOString()}>
        {rowTime(activityAt)}
      </time>
      <span className={`row-preview ${mood}`} data-testid="preview" dir="auto">
        {isTyping ? 'typing…' : previewText(lastMessage)}
      </span>
      <Badge unread={unread} testId="unread-badge" />
      {state && (
        <span className="state" data-testid="row-state" data-tone={stateTone(item)}>
          {state}
        </span>
      )}
    </a>
  );
}

function Presence({ presence }: { readonly presence: Parameters<typeof dotText>[0] }) {
  const label = dotText(presence);
  const words = label ? { role: 'img', 'aria-label': label } : {};
  return <span className="presence" data-presence={presence} {...words} />;
}

function Badge({ unread, testId }: { readonly unread: number; readonly testId: string }) {
  if (unread === 0) return null;
  return (
    <span className="badge" data-testid={testId} role="img" aria-label={unreadLabel(unread)}>
      {badgeText(unread)}
    </span>
  );
}
