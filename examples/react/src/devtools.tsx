import { useEffect, useRef } from 'react';
import { record } from 'visavis/devtools';
import { useClient } from 'visavis/react';
import { mountDevtools } from '../../shared/devtools.js';

/** What comes over the wire, for whoever wants to look; made without React, for all pages alike. */
export function Devtools() {
  const client = useClient();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const life = new AbortController();
    mountDevtools(host.current, { client, record, signal: life.signal });
    return () => life.abort();
  }, [client]);
  return <div ref={host} />;
}
