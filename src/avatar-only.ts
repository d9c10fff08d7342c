/**
 * The client for pictures and people alone.
 *
 * @module visavis/avatar
 */

import type { AvatarClient } from './avatar-client.ts';
import { createCore } from './core.ts';
import type { AvatarClientOptions } from './options.ts';
import type { Part } from './part.ts';

export type {
  AvatarApi,
  CompressOptions,
  UploadOptions,
} from './avatar/avatar.ts';
export type { AvatarClient, Inspector } from './avatar-client.ts';
export * from './errors.ts';
export type * from './models.ts';
export type { AvatarClientOptions } from './options.ts';
export { definePreset, type PresetChanges } from './presets/define-preset.ts';
export { media } from './presets/media.ts';
export type { DirectPreset, FormPreset, Preset } from './presets/preset.ts';
export { presigned } from './presets/presigned.ts';
export { profilePicture, profilePictureJson } from './presets/profile-picture.ts';
export { uploadRoute } from './presets/upload-route.ts';
export type { DehydratedState } from './protocol/dehydrated.ts';
export type { ConnectionApi } from './realtime/events.ts';
export type { FactOrigin } from './realtime/hub.ts';
export type { UserStatement } from './users/statement.ts';
export type { UsersApi } from './users/users.ts';
export { version } from './version.ts';

/**
 * Makes a client for pictures and people only: the same as `createClient()` of `visavis`, without the chat and its code.
 *
 * @throws TypeError for options that cannot work.
 * @example
 * import { createAvatarClient } from 'visavis/avatar';
 * const client = createAvatarClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
 */
export function createAvatarClient(options: AvatarClientOptions): AvatarClient {
  return createCore(options, ({ repairUsers }): Part => {
    const nothing = () => {};
    return {
      parsers: {},
      dialect: null,
      presenceOf: () => 'unknown',
      apply: nothing,
      countMessages: () => () => 0,
      async repair(signal) {
        await repairUsers(signal, null);
        return 'refetch';
      },
      onRepaired: nothing,
      onOpen: nothing,
      onClose: nothing,
      onReturn: nothing,
      onHide: nothing,
      onSignedOut: nothing,
      onAccepted: nothing,
      onStored: nothing,
      clear: async () => {},
      dehydrate: () => ({ facts: [], chat: null }),
      hydrate: nothing,
      dispose: nothing,
    };
  }).client;
}
