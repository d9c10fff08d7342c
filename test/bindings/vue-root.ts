import { onTestFinished } from 'vitest';
import { type Component, createApp, h, type ShallowRef, shallowRef } from 'vue';
import type { AvatarClient } from '../../src/index.ts';
import { createVisavis } from '../../src/vue/index.ts';

/** Renders into the document, in an app with a client; everything is gone after the test. */
export function mount(client: AvatarClient, component: Component) {
  const container = document.createElement('main');
  document.body.append(container);
  const shown: ShallowRef<Component | null> = shallowRef(component);
  const app = createApp({ render: () => (shown.value ? h(shown.value) : null) });
  app.use(createVisavis(client)).mount(container);
  let isMounted = true;
  function unmount() {
    if (isMounted) app.unmount();
    isMounted = false;
    container.remove();
  }
  onTestFinished(unmount);
  return {
    app,
    container,
    get text() {
      return container.textContent ?? '';
    },
    show(next: Component | null) {
      shown.value = next;
    },
    unmount,
  };
}
