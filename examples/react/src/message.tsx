import { memo, useState } from 'react';
import type { MessageItem } from 'visavis';
import { Avatar, type Messages, useClient } from 'visavis/react';
import { linked, mediaOf } from '../../shared/message-text.js';
import { clockTime, fullTime } from '../../shared/times.js';
import { statusText, troubleText } from '../../shared/words.js';
import { Icon } from './icon.tsx';

interface MessageProps extends Pick<Messages, 'retry' | 'discard'> {
  readonly item: MessageItem;
  /** Whether it begins and ends what one person wrote at a stretch. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onDelete: (item: MessageItem) => void;
}

/** A message of the thread. Rendered again only when it changes. */
export const Message = memo(function Message({
  item,
  isFirst,
  isLast,
  retry,
  discard,
  onDelete,
}: MessageProps) {
  const { capabilities } = useClient();
  const [isPicked, pick] = useState(false);
  const { id, key, clientId, sender, isOwn, text, type, createdAt, isDeleted, status } = item;
  const isSystem = type === 'system';
  const isMarked = isOwn && !isSystem && !isDeleted;
  const isDeletable = isMarked && id !== null && capabilities.deleteMessage;
  const media = mediaOf(item);
  const trouble = troubleText(item);
  const classes = {
    'is-first': isFirst,
    'is-last': isLast,
    'is-deleted': isDeleted,
    'is-system': isSystem,
    'is-picked': isPicked,
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a row of the log; its button is an element of its own.
    <div
      className={['message', ...Object.entries(classes).flatMap(([name, is]) => (is ? [name] : []))].join(
        ' ',
      )}
      data-testid="message"
      data-key={key}
      data-status={status}
      data-own={isOwn}
      tabIndex={-1}
      onFocus={() => pick(true)}
      onBlur={() => pick(false)}
      onKeyDown={(event) => event.key === 'Delete' && isDeletable && onDelete(item)}
    >
      <span className="message-face">
        {isFirst && !isSystem && <Avatar className="face" userId={sender.id} size={32} decorative lazy />}
      </span>
      <span className="unseen">{isSystem ? '' : `${isOwn ? 'You' : sender.name}: `}</span>
      <div className="bubble" dir="auto">
        <div className="bubble-media">
          {media &&
            ('src' in media ? (
              <img {...media} alt={media.alt} loading="lazy" draggable={false} />
            ) : (
              <Link {...media} />
            ))}
        </div>
        <span className="bubble-text" data-testid="message-text">
          {isDeleted
            ? 'Message deleted'
            : linked(text).map((part, at) =>
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name.
                typeof part === 'string' ? part : <Link key={at} {...part} />,
              )}
        </span>
        <span className="bubble-meta">
          <time dir="auto" dateTime={new Date(createdAt).toISOString()} title={fullTime(createdAt)}>
            {clockTime(createdAt)}
          </time>
          {isMarked && (
            <span
              className="mark"
              data-testid="mark"
              role="img"
              aria-label={statusText[status]}
              title={statusText[status]}
            />
          )}
        </span>
      </div>
      {isDeletable && (
        <button
          type="button"
          className="icon-button message-delete"
          data-testid="delete-message"
          aria-label="Delete message"
          tabIndex={isPicked ? 0 : -1}
          onClick={() => onDelete(item)}
        >
          <Icon name="trash" size={18} />
        </button>
      )}
      {trouble && clientId !== null && (
        <div className="trouble">
          <p data-testid="why">{trouble}</p>
          <button
            type="button"
            className="button is-small"
            data-testid="retry"
            onClick={() => void retry(clientId)}
          >
            Retry
          </button>
          <button
            type="button"
            className="button is-small"
            data-testid="discard"
            onClick={() => void discard(clientId)}
          >
            Discard
          </button>
        </div>
      )}
    </div>
  );
});

function Link({ href, text }: { readonly href: string; readonly text: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}
