import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ConversationItem } from 'visavis';
import { Avatar, useClient, useConversations, useMessages, useTyping } from 'visavis/react';
import { router } from '../../shared/router.js';
import { headText, stateText, stateTone, typingText } from '../../shared/words.js';
import { Composer } from './composer.tsx';
import { Icon } from './icon.tsx';
import { Log, type LogHandle } from './log.tsx';

/** An open conversation: what comes in counts as seen while it is. */
export function Thread({ id }: { readonly id: string }) {
  const conversation = useConversation(id);
  const thread = useMessages(id, { keepSeen: true });
  const { typists } = useTyping(id);
  const [unread] = useState(Math.max(thread.unread, conversation?.unread ?? 0));
  const log = useRef<LogHandle>(null);
  const state = conversation && stateText(conversation);
  const { here, waiting } = headText(conversation);

  function onKeyDown({ key, nativeEvent, currentTarget, target }: KeyboardEvent) {
    // Not from a dialog, which is a child for React only.
    const isInside = target instanceof Node && currentTarget.contains(target);
    if (key === 'Escape' && isInside && !nativeEvent.isComposing) router.back();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leads back from wherever in it the focus is.
    <div className="chat" onKeyDown={onKeyDown}>
      <header className="chat-head">
        <button
          type="button"
          className="icon-button chat-back"
          data-testid="back"
          aria-label="Back to messages"
          onClick={router.back}
        >
          <Icon name="back" size={24} />
        </button>
        {conversation?.otherUser && (
          <Avatar className="face" userId={conversation.otherUser.id} size={44} decorative />
        )}
        <div className="chat-who">
          <h2 id="chat-name" tabIndex={-1}>
            <bdi>{conversation?.otherUser?.name || '\u00a0'}</bdi>
          </h2>
          <p
            className="chat-line"
            data-testid="chat-line"
            data-presence={conversation?.otherUser?.presence ?? 'unknown'}
          >
            <span data-slot="presence">{here}</span>
            <span>{waiting}</span>
          </p>
        </div>
        {conversation && state && (
          <span className="state" data-testid="chat-state" data-tone={stateTone(conversation)}>
            {state}
          </span>
        )}
      </header>
      <Log thread={thread} unread={unread} ref={log} />
      <p className="typing" data-testid="typing" role="status" aria-live="off">
        {typingText(typists)}
      </p>
      {thread.status !== 'missing' && <Composer id={id} onSend={() => log.current?.toLatest()} />}
    </div>
  );
}

/** The row of the inbox; a link may lead to one that is further down than what is loaded. */
function useConversation(id: string): ConversationItem | undefined {
  const { conversations } = useClient();
  const row = useConversations().items.find((item) => item.id === id);
  const [read, setRead] = useState<ConversationItem>();
  const isMissing = !row;
  useEffect(() => {
    if (!isMissing) return;
    const life = new AbortController();
    // When it cannot be read, the thread says what is wrong.
    conversations.get(id, { signal: life.signal }).then(setRead, () => {});
    return () => life.abort();
  }, [conversations, id, isMissing]);
  return row ?? read;
}
