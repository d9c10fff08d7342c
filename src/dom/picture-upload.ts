import type { Avatar, AvatarClient } from '../index.ts';
import { becomeButton } from './become-button.ts';
import { reflect } from './reflect.ts';

/**
 * Lets a container change the signed-in user's picture: a click picks a file and uploads it. Elements in it with
 * `data-visavis-action` do what that says: `change`, `cancel`, `retry` or `delete`.
 */
export function wireUpload(
  client: AvatarClient,
  container: HTMLElement,
  input: HTMLInputElement,
): () => void {
  const listeners = new AbortController();
  const { signal } = listeners;
  let running: AbortController | undefined;
  let file: File | undefined;

  function tell(name: string, detail: object) {
    container.dispatchEvent(new CustomEvent(`visavis:upload-${name}`, { detail, bubbles: true }));
  }

  function showProgress(fraction: number | null) {
    reflect(container, 'data-visavis-progress', fraction);
    for (const bar of container.querySelectorAll('progress')) {
      bar.hidden = fraction === null;
      bar.value = fraction ?? 0;
    }
  }

  async function attempt(work: (signal: AbortSignal) => Promise<Avatar | null>) {
    const own = new AbortController();
    running = own;
    container.removeAttribute('data-visavis-error');
    showProgress(0);
    try {
      const avatar = await work(own.signal);
      file = undefined;
      tell('done', { avatar });
    } catch (error) {
      const code = codeOf(error);
      if (own.signal.aborted || code === 'UPLOAD_SUPERSEDED') return;
      container.setAttribute('data-visavis-error', code);
      tell('error', { error, code });
    } finally {
      if (running === own) {
        running = undefined;
        showProgress(null);
      }
    }
  }

  function upload() {
    const picked = file;
    if (!picked) return;
    void attempt((until) =>
      client.avatar.upload(picked, {
        signal: until,
        onProgress(progress) {
          if (running?.signal !== until) return;
          showProgress(progress.fraction);
          tell('progress', progress);
        },
      }),
    );
  }

  const actions = new Map([
    [
      'change',
      () => {
        client.avatar.warm();
        input.click();
      },
    ],
    ['cancel', () => running?.abort()],
    ['retry', upload],
    ['delete', () => void attempt((until) => client.avatar.delete({ signal: until }).then(() => null))],
  ]);

  container.addEventListener(
    'click',
    (event) => {
      const { target, defaultPrevented } = event;
      if (defaultPrevented || !(target instanceof Element)) return;
      const action = target.closest('[data-visavis-action]')?.getAttribute('data-visavis-action');
      // A link and a label act by themselves, and so does the input.
      if (action === undefined && (target === input || target.closest('a, label'))) return;
      actions.get(action ?? 'change')?.();
    },
    { signal },
  );
  input.addEventListener(
    'change',
    () => {
      file = input.files?.[0];
      // The same file may be picked again.
      input.value = '';
      upload();
    },
    { signal },
  );
  const undoButton = becomeButton(container, input);

  return () => {
    listeners.abort();
    undoButton();
    showProgress(null);
    container.removeAttribute('data-visavis-error');
  };
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.name : 'unknown';
}
