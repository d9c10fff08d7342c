import type { Database } from '../database/database.ts';
import { recordChange } from './changes.ts';
import type { ConversationContext, ConversationType } from './chat-rows.ts';
import { noSuchConversation } from './conversations.ts';
import { type FlowWish, transition } from './flow.ts';

export interface StateChange extends ConversationContext {
  conversationId: string;
  type: ConversationType;
  /** The bid or campaign it is about. */
  subjectId: string | null;
  actorId: string;
  brandOwnerId: string;
  influencerId: string;
  /** False when it was so already: there is nothing to tell. */
  changed: boolean;
}

export type ChangeState = (actorId: string, conversationId: string, wish: FlowWish) => Promise<StateChange>;

interface Locked extends ConversationContext {
  conversation_type: ConversationType;
  subject_id: string | null;
  brand_owner_id: string;
  influencer_id: string;
}

export function createChangeState(settings: { database: Database; clock: () => number }): ChangeState {
  const { database, clock } = settings;
  return (actorId, conversationId, wish) =>
    database.transaction(async (tx) => {
      const [locked] = await tx.query<Locked>(
        `select conversation_type, subject_id, brand_owner_id, influencer_id, flow_state, awaiting_role, chat_status
         from conversations where id = $1 and $2 in (brand_owner_id, influencer_id) for update`,
        [conversationId, actorId],
      );
      if (!locked) throw noSuchConversation();
      const {
        conversation_type: type,
        subject_id: subjectId,
        brand_owner_id,
        influencer_id,
        ...now
      } = locked;
      const after = transition(now, actorId === brand_owner_id ? 'brand_owner' : 'influencer', wish);
      const changed = after !== now;
      if (changed) {
        await tx.query(
          `update conversations set flow_state = $2, awaiting_role = $3, chat_status = $4,
             updated_at = greatest(updated_at, $5) where id = $1`,
          [conversationId, after.flow_state, after.awaiting_role, after.chat_status, new Date(clock())],
        );
        await recordChange(tx, [brand_owner_id, influencer_id], { kind: 'conversation', conversationId });
      }
      return {
        ...after,
        conversationId,
        type,
        subjectId,
        actorId,
        brandOwnerId: brand_owner_id,
        influencerId: influencer_id,
        changed,
      };
    });
}
