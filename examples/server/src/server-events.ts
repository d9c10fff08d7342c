import { z } from 'zod';
import { chatEvents } from './chat/chat-events.ts';
import { count } from './chat/chat-rows.ts';
import { chatV2Events } from './chat/chat-v2-events.ts';
import { shownAvatar } from './pictures/avatar-news.ts';

/** All that the server says to sockets; the contract in docs/contract is made from it. */
export const serverEvents = {
  'user:avatar:updated': z.object({ userId: z.string(), ...shownAvatar.shape }),
  'user:avatar:deleted': z.object({ userId: z.string(), avatar_version: count }),
  'user:profile:updated': z.object({ userId: z.string(), display_name: z.string() }),
  ...chatEvents,
  ...chatV2Events,
};

export type EventOf<Name extends keyof typeof serverEvents> = z.output<(typeof serverEvents)[Name]>;
export type ServerEvents = { [Name in keyof typeof serverEvents]: (event: EventOf<Name>) => void };
