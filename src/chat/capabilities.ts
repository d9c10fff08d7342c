import type { Capabilities } from '../chat-models.ts';
import type { AvatarCapabilities } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Http } from '../transport/http.ts';

export interface CapabilityStore {
  /** As far as known: the preset's until the backend has answered. */
  readonly current: Capabilities;
  /** Asks the backend, once; a failure is asked again by the next caller. */
  load(): Promise<Capabilities>;
}

export function createCapabilities(
  http: Http,
  preset: ChatPreset,
  pictures: AvatarCapabilities,
): CapabilityStore {
  let current: Capabilities = Object.freeze({
    ...preset.capabilities,
    ...pictures,
    deleteMessage: preset.routes.deleteMessage !== null,
  });
  let loading: Promise<Capabilities> | undefined;

  async function ask(): Promise<Capabilities> {
    const { capabilities } = preset.routes;
    const told = capabilities && (await http.call(capabilities, {}));
    if (told) current = Object.freeze({ ...current, ...told });
    return current;
  }

  return {
    get current() {
      return current;
    },
    load() {
      loading ??= ask().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
  };
}
