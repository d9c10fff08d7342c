import type { ReactNode } from 'react';
import { Avatar, useConnection } from 'visavis/react';
import { showProfile } from '../../shared/focus.js';
import logo from '../../shared/logo.svg';
import type { Person } from '../../shared/people-api.js';
import { connectionText } from '../../shared/words.js';

interface HeaderProps {
  readonly people: readonly Person[];
  readonly userId: string;
  readonly onBecome: (userId: string) => void;
  /** Of the session, when there is one. */
  readonly children?: ReactNode;
}

/** The brand, and who is at this window. */
export function Header({ people, userId, onBecome, children }: HeaderProps) {
  return (
    <header className="bar">
      <p className="brand-title">
        <a className="brand" href="/">
          <img src={logo} width={36} height={36} alt="" />
          <span>visavis</span>
        </a>
      </p>
      {children}
      <div className="who">
        {children && (
          // biome-ignore lint/a11y/useValidAnchor: a link, that stays where it leads to when that is on screen.
          <a className="who-face" data-testid="open-profile" href="#profile" onClick={showProfile}>
            <Avatar className="face" userId={userId} decorative />
            <span className="unseen">My picture</span>
          </a>
        )}
        <label htmlFor="who-am-i">You are</label>
        <span className="select">
          <select
            id="who-am-i"
            data-testid="who-am-i"
            value={userId}
            onChange={({ target }) => onBecome(target.value)}
          >
            {people.map(({ id, display_name: name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </span>
      </div>
    </header>
  );
}

/** The connection's status, in the header. */
export function Status() {
  const status = useConnection();
  return (
    <p className="status" data-testid="status" data-status={status} role="status">
      <span className="status-mark" aria-hidden="true" />
      <span>{connectionText[status]}</span>
    </p>
  );
}
