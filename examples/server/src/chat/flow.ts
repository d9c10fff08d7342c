import { ApiError } from '../errors.ts';
import type { ChatStatus, ConversationContext, ConversationType, Role } from './chat-rows.ts';

interface FlowState {
  /** Whose turn it is; `other` is whoever did not bring the state about. */
  awaiting: Role | 'other' | null;
  chat: ChatStatus;
  /** What each role may turn it into. */
  next: Partial<Record<Role, readonly FlowStateName[]>>;
  /** What people are told when it comes about. */
  note: string;
}

type FlowStateName =
  | 'request_sent'
  | 'negotiating'
  | 'accepted'
  | 'work_submitted'
  | 'revision_requested'
  | 'approved'
  | 'completed'
  | 'declined'
  | 'cancelled';

/** The life of a bid or a campaign request. Direct conversations stay `open`. */
export const flow: Readonly<Record<FlowStateName, FlowState>> = {
  request_sent: {
    awaiting: 'influencer',
    chat: 'automated',
    next: { influencer: ['negotiating', 'accepted', 'declined'], brand_owner: ['cancelled'] },
    note: 'You have a new connection request',
  },
  negotiating: {
    awaiting: 'other',
    chat: 'realtime',
    next: {
      influencer: ['negotiating', 'accepted', 'declined'],
      brand_owner: ['negotiating', 'accepted', 'cancelled'],
    },
    note: 'There is a new offer',
  },
  accepted: {
    awaiting: 'influencer',
    chat: 'realtime',
    next: { influencer: ['work_submitted', 'declined'], brand_owner: ['cancelled'] },
    note: 'The request was accepted',
  },
  work_submitted: {
    awaiting: 'brand_owner',
    chat: 'realtime',
    next: { brand_owner: ['revision_requested', 'approved'] },
    note: 'The work is ready for review',
  },
  revision_requested: {
    awaiting: 'influencer',
    chat: 'realtime',
    next: { influencer: ['work_submitted', 'declined'] },
    note: 'Changes were asked for',
  },
  approved: {
    awaiting: 'brand_owner',
    chat: 'realtime',
    next: { brand_owner: ['completed'] },
    note: 'The work was approved',
  },
  completed: { awaiting: null, chat: 'closed', next: {}, note: 'The collaboration is complete' },
  declined: { awaiting: null, chat: 'closed', next: {}, note: 'The request was declined' },
  cancelled: { awaiting: null, chat: 'closed', next: {}, note: 'The request was cancelled' },
};

export function startOf(type: ConversationType): ConversationContext {
  if (type === 'direct') return { flow_state: 'open', awaiting_role: null, chat_status: 'realtime' };
  return { flow_state: 'request_sent', awaiting_role: 'influencer', chat_status: flow.request_sent.chat };
}

export interface FlowWish {
  flowState: string;
  awaitingRole?: Role | null | undefined;
  chatStatus?: ChatStatus | undefined;
}

/** The state after `actor` asked for it; the same object when nothing changes. Throws a 409 the table has no place for. */
export function transition(now: ConversationContext, actor: Role, wish: FlowWish): ConversationContext {
  const { flowState } = wish;
  if (!isFlowState(flowState)) throw refused(now, flowState);
  const { awaiting, chat } = flow[flowState];
  const usual = awaiting === 'other' ? otherRole(actor) : awaiting;
  const awaitingRole = wish.awaitingRole === undefined ? usual : wish.awaitingRole;
  const after = {
    flow_state: flowState,
    awaiting_role: awaitingRole,
    chat_status: wish.chatStatus ?? (now.flow_state === flowState ? now.chat_status : chat),
  };
  if (isSame(now, after)) return now;
  const allowed = isFlowState(now.flow_state) ? (flow[now.flow_state].next[actor] ?? []) : [];
  if (!allowed.includes(flowState)) throw refused(now, flowState);
  if (awaiting !== 'other' && awaitingRole !== awaiting) throw refused(now, flowState);
  return after;
}

export function otherRole(role: Role): Role {
  return role === 'influencer' ? 'brand_owner' : 'influencer';
}

export function noteOf(state: string): string {
  return isFlowState(state) ? flow[state].note : 'The conversation has changed';
}

function isFlowState(name: string): name is FlowStateName {
  return Object.hasOwn(flow, name);
}

function isSame(a: ConversationContext, b: ConversationContext): boolean {
  return (
    a.flow_state === b.flow_state && a.awaiting_role === b.awaiting_role && a.chat_status === b.chat_status
  );
}

function refused(now: ConversationContext, wanted: string): ApiError {
  return new ApiError(
    409,
    'FLOW_REFUSED',
    `unable to change the state; ${now.flow_state} does not lead to ${wanted.slice(0, 40)} here`,
  );
}
