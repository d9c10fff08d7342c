import { useState } from 'react';
import { Avatar, useRealtimeEvent, useUser } from 'visavis/react';
import { type Person, personAfter } from '../../shared/people-api.js';

interface PlacesProps {
  readonly people: readonly Person[];
  readonly userId: string;
}

/** The same faces in the kinds of places an app has: all of them follow one change. */
export function Places({ people, userId }: PlacesProps) {
  const [other, setOther] = useState(personAfter(people, userId)?.id ?? userId);
  // Whoever changed last faces you.
  useRealtimeEvent('avatarUpdated', ({ userId: id }) => {
    if (id !== userId) setOther(id);
  });
  return (
    <section className="places" aria-labelledby="places-title">
      <h2 id="places-title">Where you appear</h2>
      <ul className="places-grid">
        <li className="place is-call" data-testid="place-call">
          <h3>In a call</h3>
          <div className="call">
            {[userId, other].map((id) => (
              <figure className="call-side" key={id}>
                <span className="call-face">
                  <Avatar className="face" userId={id} size={104} decorative />
                </span>
                <figcaption>
                  <Name id={id} />
                </figcaption>
              </figure>
            ))}
          </div>
        </li>
        <li className="place" data-testid="place-comment">
          <h3>Under a comment</h3>
          <Comment id={userId} text="The second draft is the one. Let us print it." />
          <Comment id={other} text="Agreed. See you at noon." />
        </li>
        <li className="place" data-testid="place-line">
          <h3>In a line of text</h3>
          <p className="line">
            Signed off by <Mention id={userId} /> and read by <Mention id={other} /> this morning.
          </p>
        </li>
        <li className="place" data-testid="place-stack">
          <h3>Among everyone</h3>
          <div className="stack">
            {people.map(({ id }) => (
              <Avatar className="face" key={id} userId={id} size={36} />
            ))}
          </div>
        </li>
      </ul>
    </section>
  );
}

function Comment({ id, text }: { readonly id: string; readonly text: string }) {
  return (
    <div className="comment">
      <Avatar className="face" userId={id} size={40} decorative />
      <p>
        <strong>
          <Name id={id} />
        </strong>
        <br />
        {text}
      </p>
    </div>
  );
}

function Mention({ id }: { readonly id: string }) {
  return (
    <span className="mention">
      <Avatar className="face" userId={id} size={20} decorative />
      {'\u00a0'}
      <Name id={id} />
    </span>
  );
}

function Name({ id }: { readonly id: string }) {
  return <bdi>{useUser(id).name || '\u00a0'}</bdi>;
}
