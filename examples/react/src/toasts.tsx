import { useRef, useState } from 'react';
import type { NotificationReceived } from 'visavis';
import { useRealtimeEvent } from 'visavis/react';
import { threadHash } from '../../shared/router.js';

/** Milliseconds a toast stays. */
const stayMs = 8_000;
const maxToasts = 3;

/** What the backend wants a person to know, such as a new request: a line that leads to the conversation. */
export function Toasts({ openId }: { readonly openId: string | null }) {
  const [toasts, setToasts] = useState<readonly (NotificationReceived & { readonly key: number })[]>([]);
  const count = useRef(0);
  const drop = (key: number) => setToasts((held) => held.filter((toast) => toast.key !== key));

  useRealtimeEvent('notification', (notification) => {
    const { type, conversationId } = notification;
    // Messages show in the inbox already, and what is open on the screen needs no pointing at.
    if (type === 'message' || conversationId === openId) return;
    const key = ++count.current;
    setToasts((held) => [...held, { ...notification, key }].slice(-maxToasts));
    setTimeout(drop, stayMs, key);
  });

  return (
    <div className="toasts" data-testid="toasts" role="status">
      {toasts.map(({ key, title, body, conversationId }) => (
        <a
          key={key}
          className="toast"
          data-testid="toast"
          href={conversationId === null ? '#inbox' : threadHash(conversationId)}
          onClick={() => drop(key)}
        >
          <strong>{title ?? 'News'}</strong>
          <span>{body}</span>
        </a>
      ))}
    </div>
  );
}
