import { onTestFinished, vi } from 'vitest';

/** A page from a server, and what must stay as it is while a framework takes it over. */
export async function serverPage(html: string) {
  const container = document.createElement('main');
  container.innerHTML = html;
  document.body.append(container);
  onTestFinished(() => container.remove());
  // A page is seen long before its scripts run.
  await Promise.all([...container.querySelectorAll('img')].map((image) => image.decode()));

  const complaints: unknown[][] = [];
  for (const level of ['error', 'warn'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation((...words) => void complaints.push(words));
    onTestFinished(() => spy.mockRestore());
  }

  const changes: MutationRecord[] = [];
  const watcher = new MutationObserver((records) => changes.push(...records));
  watcher.observe(container, { childList: true, characterData: true, subtree: true });
  onTestFinished(() => watcher.disconnect());

  const nodes = () => [...container.querySelectorAll('h1, li, span, img, article')];
  const before = nodes();
  return {
    container,
    complaints,
    get lines() {
      return [...container.querySelectorAll('ol li')].map(({ textContent }) => textContent);
    },
    status: () => container.querySelector('output')?.textContent,
    /** Elements of the server that are no longer there, and texts that changed; but for the connection and what pictures cover. */
    get flashes(): string[] {
      changes.push(...watcher.takeRecords());
      const now = new Set(nodes());
      const gone = before.filter((node) => !now.has(node)).map((node) => node.outerHTML);
      const changed = changes.flatMap(({ target }) => {
        const element = target instanceof Element ? target : target.parentElement;
        return element?.closest('output, span') ? [] : [String(element?.outerHTML)];
      });
      return [...gone, ...changed];
    },
  };
}
