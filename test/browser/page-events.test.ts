import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wireEvents } from '../../src/dom/index.ts';
import { PageClient } from '../support/page-client.ts';

const cdn = 'https://cdn.example.com';
const page = (name: string) => new URL(name, document.baseURI).href;

let backend: PageClient;
let undos: (() => void)[] = [];
/** What listeners of the page were told, in order. */
let heard: { type: string; detail: unknown }[] = [];
const listen = ({ type, detail }: CustomEvent) => void heard.push({ type, detail });

beforeEach(() => {
  heard = [];
  backend = new PageClient('7');
  backend.profiles.set('7', { display_name: 'Ada', username: 'ada', avatar_url: `${cdn}/a.png` });
  backend.client.realtime.connect();
  window.addEventListener('profile:updated', listen as EventListener);
  document.addEventListener('profilePictureUpdated', listen as EventListener);
});
afterEach(() => {
  for (const undo of undos) undo();
  undos = [];
  backend.client.dispose();
  window.removeEventListener('profile:updated', listen as EventListener);
  document.removeEventListener('profilePictureUpdated', listen as EventListener);
});

const wire = (...[options]: [Parameters<typeof wireEvents>[1]?]) =>
  undos.push(wireEvents(backend.client, options));
const say = (detail?: unknown, type = 'profile:updated') =>
  (type === 'profile:updated' ? window : document).dispatchEvent(new CustomEvent(type, { detail }));
const shown = (id = '7') => backend.client.users.live(id).getSnapshot();
/** Longer than a re-read of a doubted user takes. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 500));

describe('The events of the page', () => {
  it('[PE1] tell by both names what the client learns: the picture with the name and the user name', async () => {
    wire();
    undos.push(backend.client.users.live('7').subscribe(() => {}));
    await backend.client.users.get('7');
    await rest();
    expect(heard).toEqual([]);
    backend.change('7', { avatar_url: `${cdn}/b.png`, avatar_version: 2, display_name: 'Ada L.' });
    const detail = { userId: '7', profilePicture: `${cdn}/b.png?v=2`, name: 'Ada L.', username: 'ada' };
    await expect
      .poll(() => heard)
      .toEqual([
        { type: 'profile:updated', detail },
        { type: 'profilePictureUpdated', detail },
      ]);
    await rest();
    const reads = backend.reads.length;
    backend.change('7', { avatar_url: null, avatar_version: 3 });
    await expect.poll(() => heard.length).toBe(4);
    expect(heard[2]?.detail).toEqual({ ...detail, profilePicture: null });
    await rest();
    // What it told itself is no news to it.
    expect([heard.length, backend.reads.length]).toEqual([4, reads]);
  });

  it('[PE2] are taken in when the page dispatches them, and told on by the other name only', async () => {
    wire();
    await backend.client.users.get('7');
    backend.profiles.set('7', { display_name: 'Countess', username: 'ada', avatar_url: `${cdn}/b.png` });
    const detail = { userId: '7', profilePicture: `${cdn}/b.png?t=1`, name: 'Countess', username: 'ada' };
    say(detail);
    expect(shown()).toMatchObject({ name: 'Countess' });
    await expect.poll(() => shown().avatar?.url).toMatch(/^https:\/\/cdn\.example\.com\/b\.png\?v=\d{13}$/);
    await rest();
    expect(heard.map(({ type }) => type)).toEqual(['profile:updated', 'profilePictureUpdated']);
    expect(heard[1]?.detail).toMatchObject({ name: 'Countess', profilePicture: shown().avatar?.url });
    say({ userId: '7', profilePicture: null }, 'profilePictureUpdated');
    expect(shown().avatar).toBeNull();
    await Promise.resolve();
    expect(heard.map(({ type }) => type).slice(2)).toEqual(['profilePictureUpdated', 'profile:updated']);
  });

  it('[PE2] do not go round between two clients and a page that passes events on', async () => {
    const other = new PageClient('7');
    other.profiles.set('7', { display_name: 'Ada', username: 'ada', avatar_url: `${cdn}/a.png` });
    other.client.realtime.connect();
    wire();
    undos.push(wireEvents(other.client));
    const passOn = (event: Event) => say((event as CustomEvent).detail, 'profile:updated');
    document.addEventListener('profilePictureUpdated', passOn);
    undos.push(() => document.removeEventListener('profilePictureUpdated', passOn));
    await Promise.all([backend.client.users.get('7'), other.client.users.get('7')]);
    for (const each of [backend, other]) {
      each.profiles.set('7', { display_name: 'Ada', username: 'ada', avatar_url: `${cdn}/b.png` });
    }
    backend.change('7', { avatar_url: `${cdn}/b.png` });
    await rest();
    await rest();
    const count = heard.length;
    expect(count).toBeLessThanOrEqual(6);
    await rest();
    expect(heard.length).toBe(count);
    expect(other.client.users.live('7').getSnapshot().avatar?.url).toBe(shown().avatar?.url);
    other.client.dispose();
  });

  it('[PE3] carry ids in the type that the page uses', async () => {
    wire({ idType: 'number' });
    await backend.client.users.get('7');
    backend.change('7', { display_name: 'A' });
    await expect.poll(() => heard[0]?.detail).toMatchObject({ userId: 7 });
    say({ userId: '7', name: 'B' });
    await expect.poll(() => heard.at(-1)?.detail).toMatchObject({ userId: '7', name: 'B' });
    say({ userId: 7, name: 'C' });
    await expect.poll(() => heard.at(-1)?.detail).toMatchObject({ userId: 7, name: 'C' });
    backend.change('u2', { display_name: 'Grace' });
    await expect.poll(() => heard.at(-1)?.detail).toMatchObject({ userId: 'u2', name: 'Grace' });
  });

  it('[PE4] ask the backend when they say no more than that something changed', async () => {
    wire();
    await backend.client.users.get('7');
    backend.profiles.set('7', { display_name: 'Ada', username: 'ada', avatar_url: `${cdn}/b.png` });
    say(undefined, 'profilePictureUpdated');
    await expect.poll(() => shown().avatar?.url).toBe(`${cdn}/b.png`);
    backend.profiles.set('7', { display_name: 'Ada', username: 'ada', avatar_url: `${cdn}/c.png` });
    say({ userId: '7', profilePicture: 'c.png' }, 'profilePictureUpdated');
    await expect.poll(() => shown().avatar?.url).toBe(`${cdn}/c.png`);
  });

  it('[PE4] read addresses as the page would, and nothing that is no text', async () => {
    wire();
    say({ userId: 'u2', profilePicture: 'pictures/x.png', name: { toString: () => 'no' }, username: 5 });
    await expect.poll(() => shown('u2').avatar?.url).toBe(page('pictures/x.png'));
    expect(shown('u2')).toMatchObject({ name: '', username: null });
    for (const detail of [null, 7, 'text', [], { userId: {} }, { userId: null, name: 'no' }]) say(detail);
    expect(shown('u2').avatar?.url).toBe(page('pictures/x.png'));
  });

  it('[PE4] change nothing with an address that is not safe to show, and say so as an error of the page', async () => {
    wire();
    const errors: unknown[] = [];
    const collect = (event: ErrorEvent) => {
      errors.push(event.error);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener('error', collect, { capture: true });
    say({ userId: '7', profilePicture: 'javascript:alert(1)//', name: 'Eve' });
    window.removeEventListener('error', collect, { capture: true });
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(shown()).toMatchObject({ name: '', avatar: null });
  });

  it('[PE5] are left alone after the undo', async () => {
    wire();
    await backend.client.users.get('7');
    for (const undo of undos) undo();
    backend.change('7', { display_name: 'A' });
    say({ userId: '7', name: 'B' });
    await rest();
    expect([heard.length, shown().name]).toEqual([1, 'A']);
  });
});
