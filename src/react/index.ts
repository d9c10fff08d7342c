/**
 * Hooks and an avatar for React.
 *
 * @module visavis/react
 */

'use client';

export type { CommandsOf } from '../bindings/commands.ts';
export type { FaceOptions } from '../bindings/face.ts';
export type { AvatarUploadCommands, AvatarUploadState } from '../bindings/upload.ts';
export { Avatar, type AvatarProps } from './avatar.ts';
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
export { useClient, VisavisProvider, type VisavisProviderProps } from './context.ts';
export { useConnection, useRealtimeEvent } from './realtime.ts';
export { useAvatar, useUser } from './users.ts';
