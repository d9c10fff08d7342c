// @ts-check
import { record } from '/visavis/devtools.js';

import { mountDevtools } from '../shared/devtools.js';
import { personAfter, readPeople, rememberedPerson, windowOf } from '../shared/people-api.js';
import { router } from '../shared/router.js';
import { showBanner } from './chat/banner.js';
import { showMessenger } from './chat/messenger.js';
import { showToasts } from './chat/toasts.js';
import { showConnection } from './connection.js';
import { byId, showFace } from './dom.js';
import { showMyPicture } from './my-picture.js';
import { showPeople } from './people.js';
import { showPlaces } from './places.js';
import { startSession } from './session.js';

const whoAmI = byId('who-am-i', HTMLSelectElement);
const secondWindow = byId('second-window', HTMLAnchorElement);
const notice = byId('notice', HTMLElement);

/** @type {readonly import('../shared/people-api.js').Person[]} */
let people = [];
/** @type {import('./session.js').Session | undefined} */
let session;

/** @param {string} userId */
function become(userId) {
  session?.end();
  notice.hidden = true;
  router.become(userId);
  whoAmI.value = userId;
  const next = personAfter(people, userId);
  if (next) {
    secondWindow.href = windowOf(next.id);
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
  mountDevtools(byId('devtools-host', HTMLElement), { client, record, signal: session.signal });
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
  const person = rememberedPerson(people);
  if (person) become(person.id);
}

whoAmI.addEventListener('change', () => become(whoAmI.value));
void start();
