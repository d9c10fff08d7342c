import { createClient, type VisavisClient } from 'visavis';
import { onScopeDispose, shallowRef } from 'vue';
import { tokensOf } from '../../shared/people-api.js';

/** The connected client of whoever is at this window. */
export function useSession() {
  const client = shallowRef<VisavisClient | null>(null);
  const end = () => client.value?.dispose();

  /** Another client, also for the same person. */
  function become(userId: string) {
    end();
    client.value = createClient({ baseUrl: '/', userId, getToken: tokensOf(userId) });
    client.value.realtime.connect();
  }

  onScopeDispose(end);
  return { client, become };
}
