import { useEffect, useMemo, useState } from 'react';
import type { UploadProgress } from 'visavis';
import { explain } from '../../shared/error-text.js';
import { progressText, stageText } from '../../shared/upload-text.js';

interface TrayProps {
  readonly progress: UploadProgress | null;
  readonly failure: { readonly error: unknown } | null;
  /** How it ended, when it ended well. */
  readonly end: string;
  readonly onCancel: () => void;
  readonly onRetry: () => void;
  readonly onDismiss: () => void;
}

/** The space under the picture: a hint, an upload's progress, what went wrong, or that it went well. It never changes size. */
export function Tray({ progress, failure, end, onCancel, onRetry, onDismiss }: TrayProps) {
  const shows = progress ? 'progress' : failure ? 'error' : end ? 'done' : 'hint';
  return (
    <>
      <div className="tray" data-shows={shows}>
        <p className="tray-hint">Or drop a picture anywhere, or paste one.</p>
        <div className="tray-progress">
          <progress data-testid="progress" max={1} value={progress?.fraction ?? 0} aria-labelledby="note" />
          <span className="tray-line">
            <span aria-hidden="true">{progress && progressText(progress)}</span>
            <button type="button" className="button is-small" data-testid="cancel" onClick={onCancel}>
              Cancel
            </button>
          </span>
        </div>
        <div className="tray-error" data-testid="error" role="alert">
          {failure && shows === 'error' && (
            <Failure error={failure.error} onRetry={onRetry} onDismiss={onDismiss} />
          )}
        </div>
        <p className="tray-done" aria-hidden="true">
          {end}
        </p>
      </div>
      <p className="unseen" id="note" data-testid="note" role="status">
        {progress ? stageText[progress.stage] : end}
      </p>
    </>
  );
}

interface FailureProps extends Pick<TrayProps, 'onRetry' | 'onDismiss'> {
  readonly error: unknown;
}

function Failure({ error, onRetry, onDismiss }: FailureProps) {
  const { title, hint, retryable, waitMs } = useMemo(() => explain(error), [error]);
  const seconds = useCountDown(error, waitMs);
  return (
    <>
      <p className="tray-error-text">
        <strong>{title}</strong> <span>{hint}</span>
      </p>
      <span className="tray-line">
        {retryable && (
          <button
            type="button"
            className="button is-small is-primary"
            data-testid="error-retry"
            disabled={seconds > 0}
            onClick={onRetry}
          >
            {seconds > 0 ? `Try again in ${seconds} s` : 'Try again'}
          </button>
        )}
        <button type="button" className="button is-small" data-testid="error-dismiss" onClick={onDismiss}>
          OK
        </button>
      </span>
    </>
  );
}

/** Seconds that are left of so many milliseconds, from the moment that there was another `cause`. */
function useCountDown(cause: unknown, ms: number): number {
  const [seconds, setSeconds] = useState(Math.ceil(ms / 1000));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another error with the same wait begins anew.
  useEffect(() => {
    const end = Date.now() + ms;
    const tick = () => setSeconds(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    const timer = setInterval(tick, 250);
    tick();
    return () => clearInterval(timer);
  }, [cause, ms]);
  return seconds;
}
