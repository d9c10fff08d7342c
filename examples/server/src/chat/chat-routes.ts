import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { afterAnswer } from '../http.ts';
import { requireSelf } from '../identity.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { Announcements } from './announcements.ts';
import type { ChangeState } from './change-state.ts';
import {
  conversationParams,
  listQuery,
  messageParams,
  messagesQuery,
  openBody,
  seenBody,
  seenUpToBody,
  sendBody,
  stateBody,
  syncQuery,
} from './chat-payloads.ts';
import type { Conversations } from './conversations.ts';
import type { Messages } from './messages.ts';
import type { MarkSeen, Seen } from './seen.ts';
import type { Draft, SendMessage } from './send-message.ts';
import type { Sync } from './sync.ts';

/** Conversations and messages over REST: commit, then answer, then tell the others. */
export function chatRoutes(
  http: FastifyInstance,
  settings: {
    conversations: Conversations;
    messages: Messages;
    send: SendMessage;
    markSeen: MarkSeen;
    changeState: ChangeState;
    sync: Sync;
    announcements: Announcements;
    checkRate: RateLimit;
    checkWrites: RateLimit;
  },
): void {
  const { conversations, messages, send, markSeen, changeState, sync, announcements } = settings;

  const limited = { preHandler: (request: FastifyRequest) => settings.checkWrites(request.userId) };

  const list = async (request: FastifyRequest) => {
    const { user_id, role, page, limit } = listQuery.parse(request.query);
    requireSelf(request.userId, user_id);
    const { rows, total } = await conversations.list(request.userId, { role, page, limit });
    return { success: true, conversations: rows, pagination: { page, limit, total } };
  };
  http.get('/api/conversations', list);
  http.get('/api/messages/conversations', list);

  http.post('/api/conversations', limited, async (request, reply) => {
    const starter = request.userId;
    const { id, fresh } = await conversations.open({ ...openBody.parse(request.body), starter });
    const conversation = await conversations.read(starter, id);
    if (fresh) afterAnswer(reply, () => announcements.opened(conversation, starter));
    return reply.status(fresh ? 201 : 200).send({ success: true, conversation });
  });

  http.get('/api/conversations/:id', async (request) => {
    const { id } = conversationParams.parse(request.params);
    return { success: true, conversation: await conversations.read(request.userId, id) };
  });

  http.get('/api/conversations/:id/messages', async (request) => {
    const { id } = conversationParams.parse(request.params);
    const { page, limit, before_seq: beforeSeq, after_seq: afterSeq } = messagesQuery.parse(request.query);
    const { userId } = request;
    const { last_seq, read_seq, other_read_seq, other_user } = await conversations.read(userId, id);
    const byNumber = beforeSeq !== undefined || afterSeq !== undefined;
    const window = byNumber ? { beforeSeq, afterSeq, limit } : { page, limit };
    const rows = await messages.page(id, last_seq, window);
    return {
      success: true,
      messages: rows,
      pagination: { page, limit, total: last_seq },
      last_seq: Math.max(last_seq, rows.at(-1)?.seq ?? 0),
      read_seqs: { [userId]: read_seq, [other_user.id]: other_read_seq },
    };
  });

  const sendDraft = async (request: FastifyRequest, reply: FastifyReply, draft: Draft) => {
    await settings.checkRate(request.userId);
    const sent = await send(request.userId, draft);
    afterAnswer(reply, () => announcements.messageSent(sent));
    return reply.status(sent.news ? 201 : 200).send({ success: true, message: sent.message });
  };
  for (const path of ['/api/messages/send', '/api/messages']) {
    http.post(path, (request, reply) => sendDraft(request, reply, sendBody.parse(request.body)));
  }
  http.post('/api/conversations/:id/messages', (request, reply) => {
    const { id } = conversationParams.parse(request.params);
    const draft = sendBody.parse(request.body);
    if ((draft.conversationId ?? id) !== id) {
      throw new ApiError(400, 'INVALID_REQUEST', 'unable to send; the body names another conversation');
    }
    return sendDraft(request, reply, { ...draft, conversationId: id });
  });

  http.delete('/api/messages/:id', async (request, reply) => {
    const { id } = messageParams.parse(request.params);
    const { message, fresh } = await messages.remove(request.userId, id);
    if (fresh) afterAnswer(reply, () => announcements.messageDeleted(message));
    return { success: true, message };
  });

  const answerSeen = (reply: FastifyReply, seen: Seen) => {
    afterAnswer(reply, () => announcements.seen(seen));
    const { conversationId, readSeq, unread } = seen;
    return { success: true, conversation_id: conversationId, read_seq: readSeq, unread_count: unread };
  };
  http.post('/api/messages/mark-seen', async (request, reply) => {
    const { message_id: messageId, user_id } = seenBody.parse(request.body);
    requireSelf(request.userId, user_id);
    return answerSeen(reply, await markSeen(request.userId, { messageId, conversationId: undefined }));
  });
  http.put('/api/conversations/:id/seen', async (request, reply) => {
    const { id: conversationId } = conversationParams.parse(request.params);
    const upToSeq = seenUpToBody.parse(request.body)?.up_to_seq ?? undefined;
    return answerSeen(reply, await markSeen(request.userId, { conversationId, upToSeq }));
  });

  http.post('/api/conversations/:id/state', limited, async (request, reply) => {
    const { id } = conversationParams.parse(request.params);
    const body = stateBody.parse(request.body);
    const change = await changeState(request.userId, id, {
      flowState: body.flow_state,
      awaitingRole: body.awaiting_role,
      chatStatus: body.chat_status,
    });
    afterAnswer(reply, () => announcements.stateChanged(change));
    return { success: true, conversation: await conversations.read(request.userId, id) };
  });

  http.get('/api/sync', async (request) => {
    const { since, limit } = syncQuery.parse(request.query);
    return sync.since(request.userId, since, limit);
  });
}
