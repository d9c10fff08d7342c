import { type App, type InjectionKey, inject } from 'vue';
import type { AvatarClient, VisavisClient } from '../index.ts';

const clientKey: InjectionKey<AvatarClient> = Symbol('visavis');

/**
 * Hands a client to the composables. It neither connects nor disposes it: that is done by who made it.
 *
 * @param client - made by `createClient()`, or by `createAvatarClient()` where there is no chat.
 * @example
 * createApp(Page).use(createVisavis(client)).mount('#app');
 */
export function createVisavis(client: AvatarClient): { install(app: App): void } {
  return { install: (app) => void app.provide(clientKey, client) };
}

/**
 * The client that the app was given.
 *
 * @typeParam Client - `AvatarClient` where that one is without the chat.
 */
export function useClient<Client extends AvatarClient = VisavisClient>(): Client {
  const client = inject(clientKey, null);
  if (!client) throw new Error('unable to use the client; the app does not use createVisavis()');
  // Only who made the plugin knows which kind of client it was given.
  return client as Client;
}
