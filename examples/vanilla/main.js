// @ts-check
import { showBanner } from './chat/banner.js';
import { showMessenger } from './chat/messenger.js';
import { showToasts } from './chat/toasts.js';
import { showConnection } from './connection.js';
import { byId, showFace } from './dom.js';
import { showMyPicture } from './my-picture.js';
import { showPeople } from './people.js';
import { readPeople } from './people-api.js';
import { showPlaces } from './places.js';
import { startSession } from './session.js';

const whoAmI = byId('who-am-i', HTMLSelectElement);
const secondWindow = byId('second-window', HTMLAnchorElement);
const notice = byId('notice', HTMLElement);

/** @type {readonly import('./people-api.js').Person[]} */
let people = [];
/** @type {import('./session.js').Session | undefined} */
let session;

/** The address wins, so that a link can say who a window is; then what this tab chose before. */
function remembered() {
  const wanted = new URLSearchParams(location.search).get('as') ?? sessionStorage.getItem('as');
  return people.find(({ id }) => id === wanted) ?? people[0];
}

/** @param {string} userId */
function become(userId) {
  // Another person has other conversations.
  const hash = session && session.userId !== userId ? '' : location.hash;
  session?.end();
  notice.hidden = true;
  sessionStorage.setItem('as', userId);
  history.replaceState(history.state, '', `?as=${encodeURIComponent(userId)}${hash}`);
  whoAmI.value = userId;
  const next = people[(people.findIndex(({ id }) => id === userId) + 1) % people.length];
  if (next) {
    secondWindow.href = `?as=${encodeURIComponent(next.id)}`;
    secondWindow.textContent = `open a second window as ${next.display_name}`;
  }

  session = startSession(userId);
  const { client } = session;
  showFace(document, '[data-face=me]', userId);
  showMyPicture(session);
  showPlaces(session, people);
  showPeople(session, people);
  showMessenger(session, people);
  showToasts(session);
  showBanner(session);
  client.realtime.on('signedOut', () => {
    tell('You are signed out.', () => become(userId));
  });
  showConnection(session);
}

/**
 * @param {string} text
 * @param {() => void} retry
 */
function tell(text, retry) {
  byId('notice-text', HTMLElement).textContent = text;
  byId('notice-retry', HTMLButtonElement).onclick = retry;
  notice.hidden = false;
}

async function start() {
  notice.hidden = true;
  try {
    people = await readPeople();
  } catch {
    return tell('The server cannot be reached.', () => void start());
  }
  whoAmI.replaceChildren(...people.map(({ id, display_name: name }) => new Option(name, id)));
  const person = remembered();
  if (person) become(person.id);
}

whoAmI.addEventListener('change', () => become(whoAmI.value));
void start();
