import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { wirePictures } from '../../src/dom/index.ts';
import { PageClient, square } from '../support/page-client.ts';

const red = square('#c00');
const blue = square('#00c');
const placeholder = square('#ccc');
const label = 'aria-label="Your picture"';

let backend: PageClient;
let undo = () => {};
let pickers = 0;
const countPickers = (event: Event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  pickers += 1;
  event.preventDefault();
};

beforeEach(() => {
  backend = new PageClient();
  backend.profiles.set('me', { display_name: 'Ada Lovelace', avatar_url: red, avatar_version: 1 });
  backend.profiles.set('u2', { display_name: 'Grace Hopper', avatar_url: null, avatar_version: 1 });
  backend.client.realtime.connect();
  pickers = 0;
  document.addEventListener('click', countPickers);
});
afterEach(() => {
  undo();
  backend.client.dispose();
  document.body.replaceChildren();
  document.removeEventListener('click', countPickers);
});

/** Containers as pages write them, wired. */
function wired(markup: string) {
  document.body.innerHTML = markup;
  undo = wirePictures(backend.client);
  return containers();
}

const containers = () => [...document.querySelectorAll<HTMLElement>('.profile-picture-container')];
/** Which picture it shows, by its name here. */
function source(element: Element | undefined): string | undefined {
  const image = element instanceof HTMLImageElement ? element : element?.querySelector('img');
  const url = image?.getAttribute('src')?.split('#')[0];
  return Object.entries({ red, blue, placeholder }).find(([, known]) => known === url)?.[0] ?? url;
}
const container = (attributes = '', content = '') =>
  `<div class="profile-picture-container" ${attributes}><img src="${placeholder}" width="64" height="64">${content}</div>`;
const input = `<input type="file" hidden ${label}>`;

/** As if somebody had picked it. */
function pick(element: HTMLElement | undefined, file: Blob) {
  const field = element?.querySelector('input');
  if (!field) throw new Error('the container has no input');
  const picked = new DataTransfer();
  picked.items.add(new File([file], 'me.png', { type: file.type }));
  field.files = picked.files;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

const pictureFile = async () => (await fetch(square('#0a0', 300))).blob();

/** The backend takes uploads from now on; it answers the last step when it is told to. */
function takesUploads() {
  let complete = () => {};
  const mayComplete = new Promise<void>((resolve) => {
    complete = resolve;
  });
  backend.answer = async (path) => {
    if (path.endsWith('/presign')) {
      const upload = (type: string) => ({ type, key: type, url: `https://storage.example.com/${type}` });
      return Response.json({ uploads: ['avatar', 'thumb'].map(upload) });
    }
    await mayComplete;
    return Response.json({ ok: true, avatar_url: blue, avatar_thumb_url: blue, avatar_version: 2 });
  };
  return complete;
}

describe('a picture container', () => {
  it('[PC1] shows the signed-in user, or whom it names, and its own picture for who has none', async () => {
    const [own, other, image] = [
      ...wired(`${container()}${container('data-user-id="u2"')}`),
      document.createElement('img'),
    ];
    image?.setAttribute('data-visavis-user', 'me');
    if (image) document.body.append(image);
    await expect
      .poll(() => [source(own), source(other), source(image)])
      .toEqual(['red', 'placeholder', 'red']);
    expect(own?.querySelector('img')?.alt).toBe('Ada Lovelace');
    await expect.poll(() => other?.querySelector('img')?.alt).toBe('Grace Hopper');
  });

  it('[PC1] changes with all the others, live', async () => {
    const all = wired(container() + container() + container('data-user-id="u2"'));
    await expect.poll(() => all.map(source)).toEqual(['red', 'red', 'placeholder']);
    backend.change('me', { avatar_url: blue, avatar_version: 2 });
    backend.change('u2', { avatar_url: red, avatar_version: 2 });
    await expect.poll(() => all.map(source)).toEqual(['blue', 'blue', 'red']);
    backend.change('me', { avatar_url: null, avatar_version: 3 });
    await expect.poll(() => all.map(source)).toEqual(['placeholder', 'placeholder', 'red']);
  });

  it('[PC2] is wired when it comes later, anew when it becomes another, and let go when it leaves', async () => {
    wired('<main></main>');
    document.querySelector('main')?.insertAdjacentHTML('beforeend', container());
    await expect.poll(() => containers().map(source)).toEqual(['red']);
    const [made] = containers();
    made?.setAttribute('data-user-id', 'u2');
    await expect.poll(() => source(made)).toBe('placeholder');
    backend.change('u2', { avatar_url: blue, avatar_version: 2 });
    await expect.poll(() => source(made)).toBe('blue');
    made?.querySelector('img')?.replaceWith(document.createElement('img'));
    await expect.poll(() => source(made)).toBe('blue');
    made?.remove();
    await expect.poll(() => source(made)).toBeUndefined();
  });

  it('[PC2] shows nobody where a template had no user', async () => {
    const [empty, own] = wired(container('data-user-id=""') + container());
    await expect.poll(() => source(own)).toBe('red');
    expect([source(empty), empty?.querySelector('img')?.hasAttribute('alt')]).toEqual(['placeholder', false]);
  });

  it('[PC3] opens the picker by a click and by the keyboard, for the own picture only', async () => {
    const [own, other] = wired(container('', input) + container('data-user-id="u2"', input));
    own?.querySelector('img')?.click();
    expect(pickers).toBe(1);
    expect([own?.role, own?.tabIndex, own?.ariaLabel]).toEqual(['button', 0, 'Your picture']);
    await userEvent.tab();
    expect(document.activeElement).toBe(own);
    await userEvent.keyboard('{Enter}');
    await userEvent.keyboard(' ');
    expect(pickers).toBe(3);
    other?.click();
    expect([pickers, other?.role]).toEqual([3, null]);
  });

  it('[PC3] leaves alone what the page lets act by itself', () => {
    const content = `${input}<a href="#x">Profile</a><button type="button">Change</button><label>Pick</label>`;
    const [own] = wired(container('', content));
    expect([own?.role, own?.hasAttribute('tabindex')]).toEqual([null, false]);
    own?.querySelector('a')?.click();
    own?.querySelector('label')?.click();
    expect(pickers).toBe(0);
    own?.querySelector('button')?.click();
    expect(pickers).toBe(1);
    own?.querySelector('button')?.addEventListener('click', (event) => event.preventDefault());
    own?.querySelector('button')?.click();
    expect(pickers).toBe(1);
  });

  it('[PC4] uploads what is picked, shows how far it is, and tells when it is done', async () => {
    const complete = takesUploads();
    const [own, also] = wired(container('', `${input}<progress hidden></progress>`) + container());
    const bar = own?.querySelector('progress');
    const told: string[] = [];
    const seen = new Set<string>();
    document.addEventListener('visavis:upload-progress', ({ detail, target }) => {
      if (
        target !== own ||
        bar?.hidden ||
        own?.getAttribute('data-visavis-progress') !== String(detail.fraction)
      )
        return;
      seen.add(detail.stage);
    });
    document.addEventListener(
      'visavis:upload-done',
      ({ detail }) => told.push(detail.avatar?.url ?? 'none'),
      { once: true },
    );
    await expect.poll(() => source(own)).toBe('red');
    pick(own, await pictureFile());
    await expect.poll(() => also?.ariaBusy).toBe('true');
    expect(source(also)).toMatch(/^blob:/);
    complete();
    await expect.poll(() => told).toEqual([`${blue}#v=2`]);
    await expect.poll(() => [source(own), source(also)]).toEqual(['blue', 'blue']);
    expect(seen).toContain('put');
    expect([
      own?.hasAttribute('data-visavis-progress'),
      bar?.hidden,
      also?.hasAttribute('aria-busy'),
    ]).toEqual([false, true, false]);
  });

  it('[PC5] tells what went wrong by an attribute and an event, and tries the same file again', async () => {
    const [own] = wired(
      container('', `${input}<button type="button" data-visavis-action="retry">Again</button>`),
    );
    const codes: string[] = [];
    own?.addEventListener('visavis:upload-error', ({ detail }) => codes.push(detail.code));
    pick(own, new Blob(['no picture'], { type: 'image/png' }));
    await expect.poll(() => own?.getAttribute('data-visavis-error')).toBe('FILE_TYPE');
    backend.answer = () => Response.json({ error: 'too large' }, { status: 413 });
    pick(own, await pictureFile());
    await expect.poll(() => own?.getAttribute('data-visavis-error')).toBe('UPLOAD_FAILED');
    expect(codes).toEqual(['FILE_TYPE', 'UPLOAD_FAILED']);
    await expect.poll(() => source(own)).toBe('red');
    takesUploads()();
    own?.querySelector('button')?.click();
    await expect.poll(() => source(own)).toBe('blue');
    expect(own?.hasAttribute('data-visavis-error')).toBe(false);
    expect(pickers).toBe(0);
  });

  it('[PC5] cancels and deletes by elements that say so', async () => {
    const action = (name: string) => `<button type="button" data-visavis-action="${name}">${name}</button>`;
    const [own] = wired(container('', input + action('cancel') + action('delete') + action('change')));
    const press = (name: string) => own?.querySelector<HTMLElement>(`[data-visavis-action=${name}]`)?.click();
    const told: string[] = [];
    for (const type of ['visavis:upload-done', 'visavis:upload-error'])
      own?.addEventListener(type, () => told.push(type));
    press('change');
    expect(pickers).toBe(1);
    backend.answer = () => new Promise(() => {});
    pick(own, await pictureFile());
    await expect.poll(() => source(own)).toMatch(/^blob:/);
    press('cancel');
    await expect.poll(() => source(own)).toBe('red');
    expect(own?.hasAttribute('data-visavis-progress')).toBe(false);
    backend.answer = () => Response.json({ success: true, avatar_version: 2 });
    press('delete');
    await expect.poll(() => source(own)).toBe('placeholder');
    await expect.poll(() => told).toEqual(['visavis:upload-done']);
    expect(backend.requests).toContain('DELETE /api/users/me/avatar');
  });

  it('[PC6] leaves the page as it was when it is undone', async () => {
    const markup =
      container('', input) +
      `<div class="profile-picture-container"><img alt="" srcset="${placeholder} 2x"><input type="file" hidden></div>`;
    document.body.innerHTML = markup;
    const before = document.body.innerHTML;
    undo = wirePictures(backend.client);
    await expect.poll(() => containers().map(source)).toEqual(['red', 'red']);
    undo();
    expect(document.body.innerHTML).toBe(before);
    backend.change('me', { avatar_url: blue, avatar_version: 2 });
    containers()[0]?.click();
    document.body.insertAdjacentHTML('beforeend', container());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([containers().map(source), pickers]).toEqual([['placeholder', undefined, 'placeholder'], 0]);
  });

  it('[PC3] has no flaw that axe knows', async () => {
    wired(
      `<main><h1>Pictures</h1>${container('', input)}${container('data-user-id="u2"')}${container(
        '',
        `${input}<button type="button" data-visavis-action="change">Change</button><progress hidden aria-label="Upload"></progress>`,
      )}</main>`,
    );
    await expect.poll(() => containers().map(source)).toEqual(['red', 'placeholder', 'red']);
    await expect.poll(() => document.querySelectorAll('img[alt]').length).toBe(3);
    const { violations } = await axe.run(document.body);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});
