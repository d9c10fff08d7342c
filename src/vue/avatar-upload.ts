import type { ShallowRef } from 'vue';
import { commandsOf } from '../bindings/commands.ts';
import { type AvatarUploadCommands, type AvatarUploadState, createAvatarUpload } from '../bindings/upload.ts';
import type { AvatarClient } from '../index.ts';
import { useLive } from './live.ts';
import { useClient } from './plugin.ts';

/** Where choosing and publishing the own picture stands, and what can be done about it. */
export interface AvatarUpload extends AvatarUploadCommands {
  readonly state: Readonly<ShallowRef<AvatarUploadState>>;
}

/** The way of the own picture, from the file to everybody's screen. An upload goes on when the component is gone. */
export function useAvatarUpload(): AvatarUpload {
  const machine = createAvatarUpload(useClient<AvatarClient>());
  return { state: useLive(() => machine), ...commandsOf(machine) };
}
