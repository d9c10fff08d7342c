/** Rooms by their wire names. */
export const rooms = {
  user: (userId: string): string => `user_${userId}`,
  global: (userId: string): string => `global_${userId}`,
  notifications: (userId: string): string => `notifications_${userId}`,
  conversation: (id: string): string => `conversation_${id}`,
  // One for each user: whoever else talks about the same bid is not to hear of it.
  bid: (id: string, userId: string): string => `bid_${id}:${userId}`,
  campaign: (id: string, userId: string): string => `campaign_${id}:${userId}`,
  /** Every socket that is signed in. */
  everyone: 'everyone',
  /** Sockets that speak the later generation of the chat. */
  v2: 'chat_v2',
};

/** The conversations a socket has joined, from the names of all its rooms. */
export function conversationsOf(names: Iterable<string>): string[] {
  const prefix = rooms.conversation('');
  return [...names].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}
