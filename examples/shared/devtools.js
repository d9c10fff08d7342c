// @ts-check
import { createTimings, requestTimings } from './timings.js';
import { connectionText } from './words.js';

/** @typedef {import('../../src/index.ts').VisavisClient} VisavisClient */
/** @typedef {import('../../src/devtools/index.ts').RecordingEntry} RecordingEntry */

const maxLines = 60;

/**
 * A button, and a panel with what comes over the wire: the connection, the latest facts and events, and how long things
 * take. Recorded from the start, so that it can be saved when something went wrong.
 *
 * @param {HTMLElement} host where the button is put
 * @param {object} options
 * @param {VisavisClient} options.client
 * @param {typeof import('../../src/devtools/index.ts').record} options.record of `visavis/devtools`
 * @param {AbortSignal} options.signal
 */
export function mountDevtools(host, { client, record, signal }) {
  const recorder = record(client, { limit: 300 });
  const requests = requestTimings(signal, () => draw());
  const arrivals = createTimings();
  let count = 0;
  let isDrawing = false;

  const toggle = button('Wire', 'devtools-toggle', () => setOpen(panel.hidden !== false));
  const panel = make('section', {
    className: 'devtools',
    hidden: true,
    ariaLabel: 'What comes over the wire',
  });
  const figures = make('dl', { className: 'devtools-figures' });
  const list = make('ol', { className: 'devtools-list', ariaLabel: 'Latest first', tabIndex: 0 });
  const actions = make('div', { className: 'devtools-actions' });
  actions.append(
    button('Save recording', 'devtools-save', () => save(recorder.recording)),
    button('Close', 'devtools-close', () => setOpen(false)),
  );
  panel.append(figures, list, actions);
  panel.dataset.testid = 'devtools';
  panel.id = 'devtools';
  toggle.setAttribute('aria-controls', panel.id);
  toggle.setAttribute('aria-keyshortcuts', 'Alt+Shift+D');
  host.replaceChildren(toggle);
  // Not in the header, which on a phone makes room for an open conversation.
  document.body.append(panel);

  /** @param {boolean} isOpen */
  function setOpen(isOpen) {
    panel.hidden = !isOpen;
    toggle.ariaExpanded = String(isOpen);
    draw();
    if (!isOpen) toggle.focus();
  }

  /** At most once a frame, and only what somebody looks at. */
  function draw() {
    if (panel.hidden || isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      const { entries } = recorder.recording;
      figures.replaceChildren(
        ...figure('Connection', connectionText[client.realtime.status]),
        ...figure('Facts and events', String(count)),
        ...figure('Requests', requests.text()),
        ...figure('Arrival of messages', arrivals.text()),
      );
      list.replaceChildren(...entries.slice(-maxLines).reverse().map(line));
    });
  }

  /** @param {RecordingEntry} entry */
  function take(entry) {
    count += 1;
    if (entry.kind === 'facts' && entry.origin === 'realtime') {
      for (const fact of entry.facts) if (fact.kind === 'message') arrivals.add(entry.at - fact.createdAt);
    }
    draw();
  }

  window.addEventListener(
    'keydown',
    (event) => {
      if (!event.altKey || !event.shiftKey || event.code !== 'KeyD') return;
      event.preventDefault();
      setOpen(panel.hidden !== false);
    },
    { signal },
  );
  const undo = recorder.subscribe(take);
  signal.addEventListener('abort', () => {
    undo();
    recorder.stop();
    toggle.remove();
    panel.remove();
  });
  toggle.ariaExpanded = 'false';
}

/** @param {RecordingEntry} entry */
function line(entry) {
  const row = make('li', {});
  const time = make('time', { textContent: new Date(entry.at).toISOString().slice(11, 23) });
  const [what, detail] =
    entry.kind === 'event'
      ? [`event ${entry.name}`, entry.event]
      : [`${entry.origin} ${[...new Set(entry.facts.map(({ kind }) => kind))].join(', ')}`, entry.facts];
  row.append(
    time,
    make('strong', { textContent: what }),
    make('code', { textContent: JSON.stringify(detail) ?? '' }),
  );
  return row;
}

/**
 * @param {string} name
 * @param {string} value
 */
function figure(name, value) {
  return [make('dt', { textContent: name }), make('dd', { textContent: value })];
}

/**
 * @param {string} text
 * @param {string} testId
 * @param {() => void} onClick
 */
function button(text, testId, onClick) {
  const element = make('button', { type: 'button', className: 'button is-small', textContent: text });
  element.dataset.testid = testId;
  element.addEventListener('click', onClick);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 */
function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/** @param {import('../../src/devtools/index.ts').Recording} recording */
function save(recording) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(recording)], { type: 'application/json' }));
  make('a', { href: url, download: 'visavis-recording.json' }).click();
  URL.revokeObjectURL(url);
}
