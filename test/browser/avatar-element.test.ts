import axe from 'axe-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { connectVisavis, defineAvatarElement, type VisavisAvatarElement } from '../../src/dom/index.ts';
import type { AvatarClient } from '../../src/index.ts';
import { PageClient, square } from '../support/page-client.ts';

/** The browser itself; the types of its protocol come with another package. */
const browser = cdp() as unknown as { send(method: string, params?: object): Promise<unknown> };
const red = square('#c00');
const blue = square('#00c');
const tiny = square('#0a0', 64);
const broken = 'data:image/png;base64,AAAA';

let backend: PageClient;
let undo = () => {};

beforeAll(() => defineAvatarElement());
beforeEach(() => {
  backend = new PageClient();
  backend.profiles.set('u1', { display_name: 'Ada Lovelace' });
  backend.profiles.set('u2', { display_name: 'Grace Hopper', avatar_url: red, avatar_version: 1 });
});
afterEach(() => {
  undo();
  backend.client.dispose();
  document.body.replaceChildren();
});

function connect() {
  undo = connectVisavis(backend.client);
}

function place(markup: string): VisavisAvatarElement {
  const template = document.createElement('template');
  template.innerHTML = markup;
  document.body.append(template.content);
  const element = document.body.querySelector('visavis-avatar:last-of-type');
  if (element === null) throw new Error(`there is no avatar in ${markup}`);
  return element as VisavisAvatarElement;
}

const inside = (element: Element, selector: string) => {
  const found = element.shadowRoot?.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`the element has no ${selector}`);
  return found;
};
const face = (element: Element) => inside(element, '[part~=face]');
const image = (element: Element) => inside(element, 'img') as HTMLImageElement;
const shows = (element: Element) => /showing-(\w+)/.exec(face(element).part.value)?.[1];
const source = (element: Element) => image(element).getAttribute('src')?.split('#')[0];

describe('<visavis-avatar>', () => {
  it('[EL1] shows initials on a colour, and the picture instead once it has loaded', async () => {
    connect();
    const ada = place('<visavis-avatar user-id="u1"></visavis-avatar>');
    const grace = place('<visavis-avatar user-id="u2"></visavis-avatar>');
    await expect.poll(() => [shows(ada), shows(grace)]).toEqual(['initials', 'picture']);
    const initials = inside(ada, '[part~=initials]');
    expect(initials.textContent).toBe('AL');
    expect(getComputedStyle(initials).visibility).toBe('visible');
    expect(getComputedStyle(initials).backgroundColor).not.toBe('rgba(0, 0, 0, 0)');
    await expect.poll(() => getComputedStyle(inside(grace, '[part~=initials]')).visibility).toBe('hidden');
    expect(source(grace)).toBe(red);
  });

  it('[EL1] follows every change, with the old picture in its place until the new one has loaded', async () => {
    connect();
    backend.client.realtime.connect();
    const element = place('<visavis-avatar user-id="u2"></visavis-avatar>');
    await expect.poll(() => shows(element)).toBe('picture');
    const seen = new Set<string | undefined>();
    new MutationObserver(() => seen.add(shows(element))).observe(face(element), { attributes: true });
    backend.change('u2', { avatar_url: blue, avatar_version: 2 });
    await expect.poll(() => source(element)).toBe(blue);
    expect([...seen].filter((state) => state !== 'picture')).toEqual([]);
    backend.change('u2', { avatar_url: null, avatar_version: 3, display_name: 'G. B. M. Hopper' });
    await expect.poll(() => shows(element)).toBe('initials');
    expect(image(element).hasAttribute('src')).toBe(false);
    expect(inside(element, '[part~=initials]').textContent).toBe('GH');
  });

  it('[EL1] never shows one person under the name of another', async () => {
    connect();
    const element = place('<visavis-avatar user-id="u2"></visavis-avatar>');
    await expect.poll(() => shows(element)).toBe('picture');
    element.userId = 'u1';
    expect(image(element).hasAttribute('src')).toBe(false);
    await expect.poll(() => inside(element, '[part~=initials]').textContent).toBe('AL');
    element.removeAttribute('user-id');
    expect([shows(element), inside(element, '[part~=initials]').textContent]).toEqual(['nothing', '']);
  });

  it('[EL2] works before there is a client, and with each client that comes', async () => {
    const element = place('<visavis-avatar user-id="u2"></visavis-avatar>');
    expect(shows(element)).toBe('nothing');
    connect();
    await expect.poll(() => shows(element)).toBe('picture');
    const other = new PageClient('someone');
    other.profiles.set('u2', { display_name: 'Other Hopper' });
    const undoOther = connectVisavis(other.client);
    undo();
    await expect.poll(() => inside(element, '[part~=initials]').textContent).toBe('OH');
    undoOther();
    expect(shows(element)).toBe('nothing');
    other.client.dispose();
  });

  it('[EL2] takes a client of its own, also one that was set before the element was defined', async () => {
    const other = new PageClient('someone');
    other.profiles.set('7', { display_name: 'Linus' });
    connect();
    const early = document.createElement('visavis-early') as VisavisAvatarElement;
    Object.assign(early, { client: other.client, userId: 7, size: 24 });
    document.body.append(early);
    defineAvatarElement('visavis-early');
    await expect.poll(() => inside(early, '[part~=initials]').textContent).toBe('L');
    expect(early.getAttribute('user-id')).toBe('7');
    expect(early.offsetWidth).toBe(24);
    expect(early.client).toBe(other.client satisfies AvatarClient);
    early.client = null;
    expect(early.client).toBe(backend.client);
    other.client.dispose();
  });

  it('[EL3] reads a profile only when it comes near what is on screen, once for many elements', async () => {
    connect();
    const far = place(`<div style="height: 500vh"></div>
      <visavis-avatar user-id="u1"></visavis-avatar><visavis-avatar user-id="u1"></visavis-avatar>`);
    const near = document.createElement('visavis-avatar');
    near.userId = 'u2';
    document.body.prepend(near);
    await expect.poll(() => shows(near)).toBe('picture');
    expect(backend.reads).toEqual(['u2']);
    expect(shows(far)).toBe('nothing');
    far.scrollIntoView();
    await expect.poll(() => shows(far)).toBe('initials');
    expect(backend.reads).toEqual(['u2', 'u1']);
    scrollTo(0, 0);
  });

  it('[EL4] shows the thumbnail where it is sharp, the full picture where it is not', async () => {
    backend.profiles.set('u2', { avatar_url: red, avatar_thumb_url: tiny, avatar_version: 1 });
    connect();
    const sharp = 64 / devicePixelRatio;
    const element = place(`<visavis-avatar user-id="u2" size="${sharp}"></visavis-avatar>`);
    await expect.poll(() => source(element)).toBe(tiny);
    element.size = sharp + 1;
    expect(source(element)).toBe(red);
    expect(element.getAttribute('size')).toBe(String(sharp + 1));
    expect([element.offsetWidth, element.offsetHeight]).toEqual([sharp + 1, sharp + 1]);
    element.setAttribute('size', 'large');
    expect([element.size, element.offsetWidth]).toEqual([40, 40]);
  });

  it('[EL5] is called by its label, else by the name, and is decoration with an empty one', async () => {
    connect();
    const element = place('<visavis-avatar user-id="u1"></visavis-avatar>');
    const spoken = () =>
      ['role', 'aria-label', 'aria-hidden'].map((name) => face(element).getAttribute(name));
    expect(spoken()).toEqual([null, null, null]);
    await expect.poll(spoken).toEqual(['img', 'Ada Lovelace', null]);
    element.label = 'The author';
    expect(spoken()).toEqual(['img', 'The author', null]);
    element.label = '';
    expect(spoken()).toEqual([null, null, 'true']);
    element.label = null;
    element.setAttribute('alt', '');
    expect(spoken()).toEqual([null, null, 'true']);
  });

  it('[EL6] shows the fallback for who has no picture and for one that cannot be loaded, else initials', async () => {
    backend.profiles.set('u3', { display_name: 'Alan Turing', avatar_url: broken, avatar_version: 1 });
    connect();
    const without = place(`<visavis-avatar user-id="u1" fallback="${blue}"></visavis-avatar>`);
    const cannot = place(`<visavis-avatar user-id="u3" fallback="${blue}"></visavis-avatar>`);
    const neither = place(`<visavis-avatar user-id="u3" fallback="${broken}"></visavis-avatar>`);
    await expect
      .poll(() => [without, cannot, neither].map(shows))
      .toEqual(['picture', 'picture', 'initials']);
    expect([source(without), source(cannot)]).toEqual([blue, blue]);
    expect(image(neither).hasAttribute('src')).toBe(false);
  });

  it('[EL6] tries a picture again that could not be loaded when the connection is back', async () => {
    const url = 'http://127.0.0.1:9/unreachable.png';
    backend.profiles.set('u3', { display_name: 'Alan Turing', avatar_url: url, avatar_version: 1 });
    connect();
    const element = place('<visavis-avatar user-id="u3"></visavis-avatar>');
    const tried: (string | null)[] = [];
    new MutationObserver(() => tried.push(image(element).getAttribute('src'))).observe(image(element), {
      attributeFilter: ['src'],
    });
    await expect.poll(() => [tried, shows(element)]).toEqual([[`${url}?v=1`, null], 'initials']);
    window.dispatchEvent(new Event('online'));
    await expect.poll(() => tried).toEqual([`${url}?v=1`, null, `${url}?v=1`, null]);
  });

  it('[EL7] shows what stands inside it until it knows better', async () => {
    const element = place(`<visavis-avatar user-id="u2"><img src="${blue}" alt=""></visavis-avatar>`);
    const slot = inside(element, 'slot');
    expect([shows(element), getComputedStyle(slot).display]).toEqual(['nothing', 'contents']);
    const seen = new Set<string | undefined>();
    new MutationObserver(() => seen.add(shows(element))).observe(face(element), { attributes: true });
    connect();
    await expect.poll(() => shows(element)).toBe('picture');
    expect([...seen]).not.toContain('initials');
    expect(getComputedStyle(slot).display).toBe('none');
  });

  it('[EL8] is styled from outside by custom properties and parts, without a style attribute of its own', async () => {
    connect();
    const element = place('<visavis-avatar user-id="u1" size="48"></visavis-avatar>');
    await expect.poll(() => shows(element)).toBe('initials');
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      visavis-avatar { --visavis-avatar-size: 5rem; --visavis-avatar-radius: 4px; --visavis-avatar-background: #123456 }
      visavis-avatar::part(showing-initials) { outline: 3px solid red }
      visavis-avatar::part(initials) { letter-spacing: 7px }`);
    document.adoptedStyleSheets.push(sheet);
    const initials = getComputedStyle(inside(element, '[part~=initials]'));
    expect([
      element.offsetWidth,
      initials.backgroundColor,
      initials.borderRadius,
      initials.letterSpacing,
    ]).toEqual([80, 'rgb(18, 52, 86)', '4px', '7px']);
    expect(getComputedStyle(face(element)).outlineWidth).toBe('3px');
    document.adoptedStyleSheets.pop();
    const nodes = [element, ...(element.shadowRoot?.querySelectorAll('*') ?? [])];
    expect(nodes.filter((node) => node.hasAttribute('style'))).toEqual([]);
    expect(element.shadowRoot?.querySelector('style')).toBeNull();
  });

  it('[EL9] ends everything when it leaves the page, begins again when it returns, and is not kept', async () => {
    connect();
    const element = place('<visavis-avatar user-id="u2"></visavis-avatar>');
    await expect.poll(() => shows(element)).toBe('picture');
    element.remove();
    backend.client.realtime.connect();
    backend.change('u2', { avatar_url: blue, avatar_version: 2 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(source(element)).toBe(red);
    document.body.append(element);
    await expect.poll(() => source(element)).toBe(blue);

    const kept = Array.from({ length: 20 }, () => {
      const made = place('<visavis-avatar user-id="u2"></visavis-avatar>');
      return new WeakRef(made);
    });
    await expect.poll(() => kept.every((ref) => shows(ref.deref() ?? element) === 'picture')).toBe(true);
    document.body.replaceChildren();
    await expect
      .poll(async () => {
        await browser.send('HeapProfiler.collectGarbage');
        return kept.filter((ref) => ref.deref() !== undefined).length;
      })
      .toBe(0);
  });

  it('[EL5] has no flaw that axe knows, in any state', async () => {
    backend.profiles.set('u3', { display_name: null, username: null });
    connect();
    document.body.innerHTML = `
      <main><h1>Faces</h1>
        <visavis-avatar user-id="u1"></visavis-avatar>
        <visavis-avatar user-id="u2" size="128"></visavis-avatar>
        <visavis-avatar user-id="u2" label=""></visavis-avatar>
        <visavis-avatar user-id="u1" label="The author"></visavis-avatar>
        <visavis-avatar user-id="u3"></visavis-avatar>
        <visavis-avatar user-id="nobody"></visavis-avatar>
        <visavis-avatar></visavis-avatar>
        <visavis-avatar>AL</visavis-avatar>
      </main>`;
    await expect
      .poll(() => [...document.querySelectorAll('visavis-avatar')].map(shows))
      .toEqual(['initials', 'picture', 'picture', 'initials', 'initials', 'initials', 'nothing', 'nothing']);
    const { violations } = await axe.run(document.body, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});
