import { Avatar } from 'visavis/react';
import { type Person, personAfter, windowOf } from '../../shared/people-api.js';

/** Where no conversation is open. */
export function Hero({ people, userId }: { readonly people: readonly Person[]; readonly userId: string }) {
  const next = personAfter(people, userId);
  return (
    <div className="hero">
      <span className="hero-faces">
        <span>
          <Avatar className="face" userId={userId} size={96} decorative />
        </span>
        <span>{next && <Avatar className="face" userId={next.id} size={96} decorative />}</span>
      </span>
      <h2>One face, everywhere at once.</h2>
      <p>
        Choose a conversation, or change your picture, and watch it arrive:{' '}
        {next && (
          <a data-testid="second-window" href={windowOf(next.id)} target="_blank" rel="noopener">
            open a second window as {next.display_name}
          </a>
        )}
        .
      </p>
    </div>
  );
}
