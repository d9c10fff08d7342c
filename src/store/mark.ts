import type { MessageFact } from '../facts.ts';

/** How far a member has seen: by number, or by backend time where messages are not numbered. */
export interface Mark {
  readonly seq: number;
  readonly at: number;
}

export const noMark: Mark = { seq: 0, at: Number.NEGATIVE_INFINITY };

export function covers(mark: Mark, message: MessageFact): boolean {
  return message.seq === null ? message.createdAt <= mark.at : message.seq <= mark.seq;
}
