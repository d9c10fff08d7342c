import { isFault, plainFault } from './fault.ts';
import { renderPicture } from './render.ts';
import { warmUp } from './warm-up.ts';
import { type RenderRequest, WORKER_NAME, type WorkerReply } from './worker-messages.ts';

/** The page imports this very file when no worker can run. */
export { renderPicture };

/** What is used of DedicatedWorkerGlobalScope; the DOM library does not declare it. */
interface WorkerScope {
  postMessage(reply: WorkerReply): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<RenderRequest>) => void): void;
}

if ('DedicatedWorkerGlobalScope' in globalThis && self.name === WORKER_NAME) {
  const scope: WorkerScope = self;
  scope.addEventListener('message', (event) => void answer(scope, event.data));
  scope.postMessage({ kind: 'ready' });
  warmUp().catch(() => {});
}

async function answer(scope: WorkerScope, { id, file, info, options }: RenderRequest): Promise<void> {
  try {
    scope.postMessage({ kind: 'rendered', id, pictures: await renderPicture(file, info, options) });
  } catch (error) {
    if (isFault(error)) scope.postMessage({ kind: 'refused', id, fault: plainFault(error) });
    else scope.postMessage({ kind: 'failed', id, reason: String(error) });
  }
}
