import {
  type App,
  defineComponent,
  type InjectionKey,
  inject,
  type PropType,
  type PublicProps,
  provide,
} from 'vue';
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

/** Props of {@link VisavisProvider}. */
export interface VisavisProviderProps {
  /** As of {@link createVisavis}. */
  readonly client: AvatarClient;
}

/** Written out, because what Vue calls it differs between its versions. */
export type VisavisProviderComponent = new (
  props: VisavisProviderProps & PublicProps,
) => { readonly $props: VisavisProviderProps & PublicProps; readonly $slots: { default?(): unknown } };

/**
 * Hands a client to what stands inside it, in place of the app's: for apps where people sign in and out. Give it a `key`
 * that changes with the client.
 */
export const VisavisProvider: VisavisProviderComponent = defineComponent(
  ({ client }: VisavisProviderProps, { slots }) => {
    provide(clientKey, client);
    return () => slots.default?.();
  },
  { name: 'VisavisProvider', props: { client: { type: Object as PropType<AvatarClient>, required: true } } },
);

/**
 * The client of the nearest {@link VisavisProvider} around, else the app's.
 *
 * @typeParam Client - `AvatarClient` where that one is without the chat.
 */
export function useClient<Client extends AvatarClient = VisavisClient>(): Client {
  const client = inject(clientKey, null);
  if (!client)
    throw new Error(
      'unable to use the client; there is no VisavisProvider around, and the app does not use createVisavis()',
    );
  // Only who made the plugin knows which kind of client it was given.
  return client as Client;
}
