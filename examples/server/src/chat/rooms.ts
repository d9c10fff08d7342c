/** Rooms by their wire names. */
export const rooms = {
  user: (userId: string): string => `user_${userId}`,
  global: (userId: string): string => `global_${userId}`,
  notifications: (userId: string): string => `notifications_${userId}`,
  conversation: (id: string): string => `conversation_${id}`,
  bid: (id: string): string => `bid_${id}`,
  campaign: (id: string): string => `campaign_${id}`,
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
