import { useEffect, useState } from 'react';
import { Avatar, useClient, useRealtimeEvent, useUser } from 'visavis/react';
import { type Person, windowOf } from '../../shared/people-api.js';

/** Milliseconds that a row says its picture is new. */
const newsMs = 20_000;

interface PeopleProps {
  readonly people: readonly Person[];
  readonly userId: string;
}

/** Everyone, each with their live picture and a word when it changes. */
export function People({ people, userId }: PeopleProps) {
  const { users } = useClient();
  const [news, setNews] = useState('');
  useRealtimeEvent('avatarUpdated', ({ userId: id, avatar }) => {
    const { name } = users.live(id).getSnapshot();
    if (id !== userId) setNews(avatar ? `${name} has a new picture.` : `${name} removed their picture.`);
  });
  return (
    <section className="people" aria-labelledby="people-title">
      <h2 id="people-title">People</h2>
      <ul className="people-list" data-testid="people">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} isMe={person.id === userId} />
        ))}
      </ul>
      <p className="unseen" role="status">
        {news}
      </p>
    </section>
  );
}

function PersonRow({ person, isMe }: { readonly person: Person; readonly isMe: boolean }) {
  const { id, display_name: displayName, username } = person;
  const name = useUser(id).name || displayName;
  const [news, setNews] = useState<{ readonly text: string; readonly at: number } | null>(null);
  useRealtimeEvent('avatarUpdated', ({ userId, avatar }) => {
    if (userId !== id) return;
    setNews({ text: avatar ? 'New picture just now' : 'Picture removed just now', at: performance.now() });
  });
  useEffect(() => {
    if (!news) return;
    const timer = setTimeout(setNews, newsMs, null);
    return () => clearTimeout(timer);
  }, [news]);

  return (
    <li className={`person ${news ? 'is-news' : ''}`} data-testid="person" data-user-id={id}>
      {/* By its key, a second change within the time is seen too. */}
      <span className="ring" key={news?.at}>
        <Avatar className="face" userId={id} size={44} decorative lazy />
      </span>
      <span className="person-name">
        <bdi>{name}</bdi>
      </span>
      <span className="person-line">
        <bdi data-slot="username">@{username}</bdi>
        <span className="person-news" data-testid="person-news">
          {news?.text}
        </span>
      </span>
      {isMe ? (
        <span className="person-you">You</span>
      ) : (
        <a
          className="person-open"
          href={windowOf(id)}
          target="_blank"
          rel="noopener"
          data-testid="person-open"
          aria-label={`Open a window as ${name}`}
        >
          Open as
        </a>
      )}
    </li>
  );
}
