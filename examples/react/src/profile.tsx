import type { Person } from '../../shared/people-api.js';
import { router } from '../../shared/router.js';
import { MyPicture } from './my-picture.tsx';
import { People } from './people.tsx';
import { Places } from './places.tsx';

interface ProfileProps {
  readonly people: readonly Person[];
  readonly userId: string;
}

/** The own picture, and where it appears. */
export function Profile({ people, userId }: ProfileProps) {
  return (
    <section
      className="pane profile"
      id="profile-pane"
      aria-label="My picture and where it appears"
      tabIndex={-1}
    >
      <button
        type="button"
        className="button is-small profile-back"
        data-testid="profile-back"
        onClick={router.back}
      >
        Back to messages
      </button>
      <MyPicture userId={userId} />
      <Places people={people} userId={userId} />
      <People people={people} userId={userId} />
      <p className="foot">
        This page is React, on the reference server. Signing in is for show; everything else is real. There is
        also <a href="/plain/">a page without any code</a>: HTML and one script tag.
      </p>
    </section>
  );
}
