import { useEffect, useState } from 'react';
import { createClient, type VisavisClient } from 'visavis';
import { tokensOf } from '../../shared/people-api.js';

/** The connected client of whoever is at this window; another `turn` is another client, also for the same person. */
export function useSession(who: { readonly id: string; readonly turn: number } | null): VisavisClient | null {
  const [client, setClient] = useState<VisavisClient | null>(null);
  useEffect(() => {
    if (!who) return;
    const own = createClient({ baseUrl: '/', userId: who.id, getToken: tokensOf(who.id) });
    own.realtime.connect();
    setClient(own);
    return () => own.dispose();
  }, [who]);
  return client?.userId === who?.id ? client : null;
}
