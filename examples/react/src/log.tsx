import {
  type RefObject,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { GapItem, MessageItem } from 'visavis';
import type { Messages } from 'visavis/react';
import { walk } from '../../shared/focus.js';
import { createLogScroll, type LogScroll } from '../../shared/log-scroll.js';
import { countNews, firstUnread, threadRows } from '../../shared/thread-rows.js';
import { dayName } from '../../shared/times.js';
import { gapText, threadNote } from '../../shared/words.js';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Icon } from './icon.tsx';
import { Message } from './message.tsx';

/** Milliseconds after which what was put in is not read out as news. */
const quietMs = 500;

export interface LogHandle {
  /** Moves to the newest message. */
  toLatest(): void;
}

interface LogProps {
  readonly thread: Messages;
  /** How many messages were unread when the thread was opened. */
  readonly unread: number;
  readonly ref: RefObject<LogHandle | null>;
}

/** The messages of a thread: oldest first, older ones above on demand, the newest in sight. */
export function Log({ thread, unread, ref }: LogProps) {
  const { items, status, hasOlder, hasNewer, retry, discard } = thread;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const scroll = useRef<LogScroll>(null);
  /** Whether who is at the end goes with what comes: not where the window ends before the newest message. */
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const [readTo, setReadTo] = useState<string | null>(null);
  const [newFrom, setNewFrom] = useState<string | null>();
  const [loading, setLoading] = useState<'idle' | 'loading' | 'failed'>('idle');
  const [asked, ask] = useState<MessageItem | null>(null);
  const [news, setNews] = useState('');
  const isSpeaking = useCalm(status === 'ready' && loading !== 'loading');

  if (newFrom === undefined && status === 'ready') setNewFrom(firstUnread(items, unread));
  const isHere = isAtEnd && !hasNewer;
  const newest = items.at(-1)?.key ?? null;
  if (isHere && readTo !== newest) setReadTo(newest);
  const newCount = isHere ? 0 : countNews(items, readTo);
  const note = threadNote(thread);

  async function load(which: 'loadOlder' | 'loadNewer') {
    if (loading === 'loading') return;
    setLoading('loading');
    setLoading(await outcome(thread[which](), 'idle', 'failed'));
  }

  const onMove = useEffectEvent(({ isAtEnd, isNearTop }: LogScroll) => {
    setAtEnd(isAtEnd);
    if (status !== 'ready') return;
    if (isNearTop && hasOlder && loading === 'idle') void load('loadOlder');
    else if (isAtEnd && hasNewer) void load('loadNewer');
  });
  useLayoutEffect(() => {
    if (!box.current || !list.current) return;
    const life = new AbortController();
    const own = createLogScroll(box.current, list.current, {
      signal: life.signal,
      onMove: () => onMove(own),
    });
    scroll.current = own;
    return () => life.abort();
  }, []);
  useLayoutEffect(() => {
    scroll.current?.settle(follows.current);
    follows.current = !hasNewer;
  });

  function toLatest() {
    thread.jumpToLatest();
    follows.current = true;
    scroll.current?.toEnd();
  }
  useImperativeHandle(ref, () => ({ toLatest }));

  const failed = items.filter((item) => item.kind === 'message' && item.status === 'failed').length;
  const [toldFailed, setToldFailed] = useState(failed);
  if (failed !== toldFailed) {
    setToldFailed(failed);
    if (failed > toldFailed) setNews('A message was not sent.');
  }

  async function remove({ id, key }: MessageItem) {
    if (id === null) return;
    const failure = 'The message could not be deleted. Try again in a moment.';
    setNews(await outcome(thread.delete(id), 'Message deleted.', failure));
    list.current
      ?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
      ?.focus({ preventScroll: true });
  }

  return (
    <div className="log-frame">
      <div
        ref={box}
        className="log"
        data-testid="log"
        role="log"
        aria-live={isSpeaking ? 'polite' : 'off'}
        aria-relevant="additions"
        aria-labelledby="chat-name"
        aria-busy={status === 'loading'}
        onKeyDown={(event) => walk(event, event.currentTarget, '.message')}
      >
        <div className="log-top">
          {hasOlder && (
            <button
              type="button"
              className="button is-small"
              data-testid="load-older"
              onClick={() => void load('loadOlder')}
            >
              {{ idle: 'Older messages', loading: 'Loading…', failed: 'Not loaded. Try again' }[loading]}
            </button>
          )}
          {note && (
            <p className="log-note" data-testid="log-note">
              {note}
            </p>
          )}
        </div>
        <div ref={list} className="log-list">
          {[...threadRows(items, newFrom ?? null).values()].map((row) => {
            if (row.kind === 'gap') return <Gap key={row.key} gap={row.item} onFill={thread.fillGap} />;
            if (row.kind === 'day') {
              return (
                <div key={row.key} className={`day ${row.isNew ? 'is-new' : ''}`} data-testid="day">
                  {row.isNew ? `New · ${dayName(row.at)}` : dayName(row.at)}
                </div>
              );
            }
            const { key, item, isFirst, isLast } = row;
            return <Message key={key} {...{ item, isFirst, isLast, retry, discard }} onDelete={ask} />;
          })}
        </div>
      </div>
      {!isHere && (
        <button
          type="button"
          className={`jump ${newCount > 0 ? 'is-news' : ''}`}
          data-testid="jump-latest"
          onClick={toLatest}
        >
          <span>{newCount > 0 ? `${newCount} new` : 'Newest'}</span>
          <Icon name="down" size={18} />
        </button>
      )}
      <p className="unseen" role="status">
        {news}
      </p>
      {asked && (
        <ConfirmDialog
          name="unsend"
          title="Delete this message?"
          help="It disappears for everyone in the conversation."
          onAnswer={(isSure) => {
            ask(null);
            if (isSure) void remove(asked);
          }}
        />
      )}
    </div>
  );
}

function Gap({ gap, onFill }: { readonly gap: GapItem; readonly onFill: (key: string) => Promise<void> }) {
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  async function fill() {
    setState('loading');
    setState(await outcome(onFill(gap.key), 'idle', 'failed'));
  }
  return (
    <div className="gap" data-testid="gap">
      <span>{state === 'failed' ? 'These messages could not be loaded' : gapText(gap)}</span>
      <button
        type="button"
        className="button is-small"
        data-testid="fill-gap"
        disabled={state === 'loading'}
        onClick={() => void fill()}
      >
        Load
      </button>
    </div>
  );
}

/** Whether something has been so for a while. */
function useCalm(isSo: boolean): boolean {
  const [isCalm, setCalm] = useState(false);
  useEffect(() => {
    if (!isSo) return;
    const timer = setTimeout(setCalm, quietMs, true);
    return () => {
      clearTimeout(timer);
      setCalm(false);
    };
  }, [isSo]);
  return isCalm;
}

function outcome<Good, Bad>(work: Promise<unknown>, good: Good, bad: Bad): Promise<Good | Bad> {
  return work.then(
    () => good,
    () => bad,
  );
}
