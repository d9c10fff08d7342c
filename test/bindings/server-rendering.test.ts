import { type ComponentType, lazy } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commands } from 'vitest/browser';
import { type Component, defineAsyncComponent } from 'vue';
import type { VisavisClient } from '../../src/client.ts';
import { Thread as ReactThread, reactPage } from './react-page.ts';
import { createRenderedBackend, createRenderedClient } from './rendered.ts';
import { serverPage } from './taken-over.ts';
import { Thread as VueThread, vuePage } from './vue-page.ts';
import { lull, until } from './world.ts';

/** Takes a page over; `late` is when the code of a part of it arrives. Returns what else was complained about. */
type TakeOver = (container: Element, client: VisavisClient, late?: Promise<void>) => unknown[];

const takeOverByReact: TakeOver = (container, client, late) => {
  const errors: unknown[] = [];
  const Late: ComponentType | undefined = late && lazy(() => late.then(() => ({ default: ReactThread })));
  const root = hydrateRoot(container, reactPage(client, Late), {
    onRecoverableError: (error) => errors.push(error),
  });
  onTestFinished(() => root.unmount());
  return errors;
};

const takeOverByVue: TakeOver = (container, client, late) => {
  const Late: Component | undefined = late && defineAsyncComponent(() => late.then(() => VueThread));
  const app = vuePage(client, Late);
  app.mount(container);
  onTestFinished(() => app.unmount());
  return [];
};

const frameworks = [
  ['react', takeOverByReact],
  ['vue', takeOverByVue],
] as const;

describe.each(frameworks)('A page that %s rendered on a server', (framework, takeOver) => {
  async function open({ isGiven = true, late }: { isGiven?: boolean; late?: Promise<void> } = {}) {
    const { html, state } = await commands.renderOnServer(framework);
    const backend = createRenderedBackend();
    const client = createRenderedClient(backend, { hydrate: isGiven ? JSON.parse(state) : undefined });
    onTestFinished(client.dispose);
    client.realtime.connect();
    const page = await serverPage(html);
    const errors = takeOver(page.container, client, late);
    return { backend, client, page, faults: () => [...errors, ...page.complaints] };
  }

  it('[BI8] is taken over without a warning and without a flash, then goes on live', async () => {
    const { backend, page, faults } = await open();
    expect(page.container.querySelector('h1')?.textContent).toBe('ismail ready idle');
    expect(page.lines).toEqual(['hello', 'hi', 'how are you?']);
    await until(page.status, 'live');
    await lull();
    expect([faults(), page.flashes]).toEqual([[], []]);
    // The picture was there before the framework was.
    expect(page.container.querySelector('li span:has(img)')?.textContent).toBe('');
    const first = page.container.querySelector('ol li');
    backend.person('u2').send('c1', 'since then');
    await until(() => page.lines, ['hello', 'hi', 'how are you?', 'since then']);
    expect(page.container.querySelector('ol li')).toBe(first);
    expect(faults()).toEqual([]);
  });

  it('[BI8] is taken over in parts: one of which the code comes late finds what the server rendered', async () => {
    let arrive = () => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { backend, client, page, faults } = await open({ late });
    await until(page.status, 'live');
    backend.person('u2').send('c1', 'meanwhile');
    backend.person('u2').send('c1', 'and more');
    await until(() => client.messages.live('c1').getSnapshot().items.length, 5);
    const article = page.container.querySelector('article');
    expect(page.lines).toHaveLength(3);
    const counts = new Set<number>();
    const watcher = new MutationObserver(() => counts.add(page.lines.length));
    watcher.observe(page.container, { childList: true, subtree: true });
    onTestFinished(() => watcher.disconnect());
    arrive();
    await until(() => page.lines, ['hello', 'hi', 'how are you?', 'meanwhile', 'and more']);
    expect(page.container.querySelector('article')).toBe(article);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
    expect(faults()).toEqual([]);
  });

  it('is told apart from one that does not fit, or the tests above prove nothing', async () => {
    const { page, faults } = await open({ isGiven: false });
    await lull();
    expect(faults()).not.toEqual([]);
    expect(page.flashes).not.toEqual([]);
  });
});
