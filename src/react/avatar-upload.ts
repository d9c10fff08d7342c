import { useMemo } from 'react';
import { commandsOf } from '../bindings/commands.ts';
import { type AvatarUploadCommands, type AvatarUploadState, createAvatarUpload } from '../bindings/upload.ts';
import type { AvatarClient } from '../index.ts';
import { useClient } from './context.ts';
import { useLive, whole } from './live.ts';

/** Where choosing and publishing the own picture stands, and what can be done about it. */
export type AvatarUpload = AvatarUploadState & AvatarUploadCommands;

/** The way of the own picture, from the file to everybody's screen. An upload goes on when the component is gone. */
export function useAvatarUpload(): AvatarUpload {
  const client = useClient<AvatarClient>();
  const machine = useMemo(() => createAvatarUpload(client), [client]);
  const state = useLive(machine, whole);
  return useMemo(() => ({ ...state, ...commandsOf(machine) }), [machine, state]);
}
