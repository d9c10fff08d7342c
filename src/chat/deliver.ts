import { NetworkError, VisavisError } from '../errors.ts';
import type { MessageFact } from '../facts.ts';
import type { ChatContext } from './chat-context.ts';
import type { OutboxItem } from './outbox-item.ts';

/** Device and backend clocks may differ by this much, in milliseconds, before and after one was held against the other. */
const skewMs = { unknown: 120_000, known: 5_000 };

/** One try to send: by socket where it acknowledges, else by REST under the same client id. */
export function createDeliver(context: ChatContext) {
  const { preset, http, store, clock, userId } = context;
  /** Backend time minus device time, as of the latest answer to a send. */
  let offset: number | undefined;

  /** The earliest backend time that the message can have. */
  const earliest = ({ createdAt }: OutboxItem) =>
    createdAt + (offset ?? 0) - (offset === undefined ? skewMs.unknown : skewMs.known);

  /** Whether the backend's message may be that item. */
  const isTwin = (message: MessageFact, item: OutboxItem) =>
    message.senderId === userId &&
    message.text === item.text.trim() &&
    message.mediaUrl === item.mediaUrl &&
    message.createdAt >= earliest(item);

  function otherMember(conversationId: string): string | null {
    const conversation = store.get(conversationId);
    if (conversation?.fields.otherUserId) return conversation.fields.otherUserId;
    for (const { senderId } of conversation?.timeline.backwards() ?? [])
      if (senderId !== userId) return senderId;
    return null;
  }

  /** Some backends have to be told whom a message is for. One that refuses its list may take the message all the same. */
  async function readOtherMember(conversationId: string, signal: AbortSignal): Promise<string | null> {
    try {
      const page = { userId, page: 1, limit: 50 };
      const { facts } = await http.call(preset.routes.conversations, page, { signal });
      context.apply(facts, 'sync');
    } catch (error) {
      if (!(error instanceof VisavisError) || error.retryable) throw error;
    }
    return otherMember(conversationId);
  }

  return {
    async upload(
      { conversationId, media }: OutboxItem,
      signal: AbortSignal,
      onProgress: (fraction: number) => void,
    ): Promise<string> {
      const { mediaUpload } = await before(context.capabilities());
      const { uploadMedia } = preset.routes;
      if (!uploadMedia || !mediaUpload || !media) throw noUpload();
      const onSent = (loaded: number, total: number) => onProgress(loaded / total);
      return http.call(uploadMedia, { conversationId, file: media }, { signal, onSent });
    },

    async deliver(item: OutboxItem, signal: AbortSignal): Promise<void> {
      const { conversationId } = item;
      const { level } = await before(context.capabilities());
      const known = item.receiverId ?? otherMember(conversationId);
      const input = {
        conversationId,
        senderId: userId,
        receiverId: known ?? (level === 2 ? null : await before(readOtherMember(conversationId, signal))),
        text: item.text,
        mediaUrl: item.mediaUrl,
        clientId: item.clientId,
      };
      // On the socket nobody else can tell whom it is for.
      const command = input.receiverId !== null || level === 2 ? preset.commands.send : null;
      const fact =
        (await context.bySocket(command, input)) ?? (await http.call(preset.routes.send, input, { signal }));
      offset = fact.createdAt - clock.now();
      context.apply([{ ...fact, clientId: item.clientId }], 'self');
    },

    /** Where the backend keeps no client ids: what is there already and would be taken for this one. */
    twinsOf(item: OutboxItem): readonly string[] {
      const twins: string[] = [];
      for (const message of store.get(item.conversationId)?.timeline.backwards() ?? []) {
        if (message.createdAt < earliest(item)) break;
        if (isTwin(message, item)) twins.push(message.messageId);
      }
      return twins;
    },

    /** Where the backend keeps no client ids: looks for a message of ours with this content that is not accounted for. */
    async findSent(
      item: OutboxItem,
      signal: AbortSignal,
      twins: readonly string[],
    ): Promise<'sent' | 'absent' | 'unknown'> {
      const { conversationId } = item;
      const { facts, hasMore } = await http.call(
        preset.routes.messages,
        { conversationId, page: 1, limit: 50 },
        { signal },
      );
      const timeline = store.get(conversationId)?.timeline;
      let oldest = Number.POSITIVE_INFINITY;
      for (const fact of facts) {
        if (fact.kind !== 'message') continue;
        oldest = Math.min(oldest, fact.createdAt);
        const isAccounted = (timeline?.get(fact.messageId)?.clientId ?? null) !== null;
        if (isAccounted || twins.includes(fact.messageId) || !isTwin(fact, item)) continue;
        context.apply([{ ...fact, clientId: item.clientId }], 'self');
        return 'sent';
      }
      // The page does not reach back to the time of the try.
      return hasMore && oldest > earliest(item) ? 'unknown' : 'absent';
    },
  };
}

export function noUpload(): VisavisError {
  const why = 'the backend takes no files: put it up elsewhere and pass its mediaUrl';
  return new VisavisError('UNSUPPORTED', `unable to send the media; ${why}`);
}

/** What fails before anything is sent cannot have arrived. */
async function before<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    throw new NetworkError('unable to send the message; the backend cannot be reached', {
      cause,
      bodyLeft: false,
    });
  }
}
