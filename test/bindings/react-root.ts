import { createElement, type ReactNode, StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { onTestFinished } from 'vitest';
import type { AvatarClient } from '../../src/index.ts';
import { VisavisProvider } from '../../src/react/index.ts';

/** Renders into the document, strictly, under a client; everything is gone after the test. */
export function mount(client: AvatarClient, element: ReactNode) {
  const container = document.createElement('main');
  document.body.append(container);
  const root = createRoot(container);
  let current = { client, element };

  function render(next: Partial<typeof current>) {
    current = { ...current, ...next };
    const page = createElement(VisavisProvider, { client: current.client }, current.element);
    flushSync(() => root.render(createElement(StrictMode, null, page)));
  }

  let isMounted = true;
  function unmount() {
    if (isMounted) flushSync(() => root.unmount());
    isMounted = false;
    container.remove();
  }
  onTestFinished(unmount);
  render({});
  return {
    container,
    get text() {
      return container.textContent ?? '';
    },
    show: (next: ReactNode) => render({ element: next }),
    use: (next: AvatarClient) => render({ client: next }),
    unmount,
  };
}
