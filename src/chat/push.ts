import type { WaitOptions } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Http } from '../transport/http.ts';

/** Options of {@link PushApi.register}. */
export interface RegisterPushOptions extends WaitOptions {
  readonly deviceType: 'web' | 'android' | 'ios' | (string & {});
  /** Left out when unknown: some backends refuse `null`. */
  readonly deviceId?: string;
}

/** Push notifications while the user is away. */
export interface PushApi {
  /** Registers a token of Firebase Cloud Messaging; a token this client registered before is replaced. */
  register(token: string, options: RegisterPushOptions): Promise<void>;
  unregister(token: string, options?: WaitOptions): Promise<void>;
}

export function createPush(http: Http, routes: ChatPreset['routes']): PushApi {
  let registered: string | undefined;

  const unregister: PushApi['unregister'] = async (token, { signal } = {}) => {
    await http.call(routes.unregisterPush, { token }, { signal });
    if (registered === token) registered = undefined;
  };

  return {
    async register(token, { deviceType, deviceId, signal }) {
      if (typeof token !== 'string' || token === '')
        throw new TypeError('unable to register for push; no token');
      // Running backends refuse a second token for a device they know.
      if (registered !== undefined && registered !== token) await unregister(registered, { signal });
      await http.call(routes.registerPush, { token, deviceType, deviceId }, { signal });
      registered = token;
    },
    unregister,
  };
}
