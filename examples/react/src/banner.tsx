import { useEffect, useState } from 'react';
import { useConnection } from 'visavis/react';
import { bannerText, patienceMs } from '../../shared/words.js';

/** Says in words what the connection's state means for the person, when it lasts. */
export function Banner() {
  const status = useConnection();
  const isLive = status === 'live';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (isLive) return;
    const timer = setTimeout(setShown, patienceMs, true);
    return () => {
      clearTimeout(timer);
      setShown(false);
    };
  }, [isLive]);

  return (
    <p className="banner" data-testid="banner" data-status={status} role="status" hidden={!isShown}>
      <span className="status-mark" aria-hidden="true" />
      <span>{bannerText(status)}</span>
    </p>
  );
}
