/**
 * A plugin, composables and an avatar for Vue.
 *
 * @module visavis/vue
 */

export type { CommandsOf } from '../bindings/commands.ts';
export type { FaceOptions } from '../bindings/face.ts';
export type { AvatarUploadCommands, AvatarUploadState } from '../bindings/upload.ts';
export { VisavisAvatar, type VisavisAvatarComponent, type VisavisAvatarProps } from './avatar.ts';
export { type AvatarUpload, useAvatarUpload } from './avatar-upload.ts';
export {
  type Conversations,
  type Messages,
  type MessagesCommands,
  type Typing,
  type UseMessagesOptions,
  useConversations,
  useMessages,
  useTyping,
  useUnread,
} from './chat.ts';
export type { Fields } from './live.ts';
export {
  createVisavis,
  useClient,
  VisavisProvider,
  type VisavisProviderComponent,
  type VisavisProviderProps,
} from './plugin.ts';
export { useConnection, useRealtimeEvent } from './realtime.ts';
export { useAvatar, useUser } from './users.ts';
