import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { AvatarClient, VisavisClient } from '../index.ts';

const ClientContext = createContext<AvatarClient | null>(null);

/** Props of {@link VisavisProvider}. */
export interface VisavisProviderProps {
  /** Made by `createClient()`, or by `createAvatarClient()` where there is no chat. */
  readonly client: AvatarClient;
  readonly children?: ReactNode;
}

/**
 * Hands a client to the hooks below. It neither connects nor disposes it: that is done by who made it.
 *
 * @example
 * createRoot(root).render(createElement(VisavisProvider, { client }, createElement(App)));
 */
export function VisavisProvider({ client, children }: VisavisProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/**
 * The client of the provider above.
 *
 * @typeParam Client - `AvatarClient` where the provider was given one without the chat.
 */
export function useClient<Client extends AvatarClient = VisavisClient>(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('unable to use the client; there is no VisavisProvider above');
  // Only who rendered the provider knows which kind of client it was given.
  return client as Client;
}
