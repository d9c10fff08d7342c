import type { Fact, MessageFact } from '../facts.ts';
import type { ChatPreset, SendInput } from '../protocol/chat-preset.ts';
import { checkRoute } from './check-route.ts';
import type { Finding, FindingsOf } from './finding.ts';
import { type Line, namesOf, openLine } from './line.ts';
import { ask, contextOf, factsIn, type Patient } from './patient.ts';

/** What the doctor’s messages begin with. */
const signature = 'visavis doctor';

/** A conversation to look into. */
export interface Sample {
  readonly conversationId: string;
  readonly otherUserId: string | null;
  /** `null` where the backend does not count. */
  readonly unread: number | null;
}

/** Sends a message twice under one client id, and one by socket; deletes what it sent where that can be done. */
export async function checkSending(
  patient: Patient,
  preset: ChatPreset,
  found: FindingsOf,
  { conversationId, otherUserId }: Sample,
): Promise<Finding[]> {
  const { broken } = found;
  const draft = (): SendInput => {
    const clientId = crypto.randomUUID();
    const text = `${signature} ${clientId.slice(0, 8)}`;
    return {
      conversationId,
      senderId: patient.userId,
      receiverId: otherUserId,
      text,
      mediaUrl: null,
      clientId,
    };
  };
  const line = await openLine(patient, patient.token, preset.dialect);
  try {
    if (line.state === 'open') {
      for (const event of preset.emits.join(patient.userId)) line.emit(event);
      line.emit(preset.emits.joinConversation(conversationId));
      // What joins is not acknowledged everywhere.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const input = draft();
    const sent = await checkRoute(patient, found, 'sending', preset.routes.send, input);
    const findings = [sent.finding];
    if (!sent.output) return findings;
    await ask(patient, preset.routes.send, input);
    const page = await checkRoute(patient, found, 'messages after sending', preset.routes.messages, {
      conversationId,
      page: 1,
      limit: 50,
    });
    if (!page.output) return [...findings, page.finding];
    const rows = page.output.facts.filter(isMessage);
    const copies = rows.filter(({ text }) => text === input.text);
    findings.push(checkCopies(found, copies.length));
    if (copies.length > 0 && rows.at(-1)?.text !== input.text) {
      findings.push(
        broken(
          'order after sending',
          'the new message is not the last of page 1',
          'page 1 is the newest page, oldest first',
        ),
      );
    }
    if (line.state === 'open') {
      findings.push(await checkEvent(patient, preset, found, line, sent.output.messageId));
      findings.push(await checkAcknowledgement(patient, preset, found, line, draft()));
    }
    findings.push(await checkDelete(patient, preset, found, conversationId));
    return findings;
  } finally {
    line.close();
  }
}

function checkCopies({ works, degrades, broken }: FindingsOf, count: number): Finding {
  const check = 'sent twice under one client id';
  if (count === 1) return works(check, 'it exists once');
  if (count === 0) return broken(check, 'page 1 has neither', 'page 1 is the newest page');
  return degrades(
    check,
    `it exists ${count} times`,
    'a message whose answer is lost cannot simply be sent again: it is looked for first, and may end as “uncertain”',
    'unique(sender_id, client_id), and the first row as the answer to a repeat',
  );
}

async function checkEvent(
  patient: Patient,
  { events }: ChatPreset,
  { works, degrades }: FindingsOf,
  line: Line,
  messageId: string,
): Promise<Finding> {
  const event = await line.hear((name, payload) => {
    const facts = factsIn(patient, events, name, payload).filter(isMessage);
    return facts.some((fact) => fact.messageId === messageId) ? name : undefined;
  });
  if (event !== undefined) return works('live message', `heard as ${event}`);
  return degrades(
    'live message',
    `none that the preset knows; heard: ${namesOf(line)}`,
    'messages show when they are read again',
    'emit new_message to the room of the conversation, or name your event in events of a preset',
  );
}

async function checkAcknowledgement(
  patient: Patient,
  { commands, capabilities }: ChatPreset,
  { works, degrades, broken, skipped }: FindingsOf,
  line: Line,
  input: SendInput,
): Promise<Finding> {
  const check = 'sending by socket';
  const event = commands.send?.emit(input);
  if (!commands.send || !event) return skipped(check, 'the preset sends by REST');
  try {
    commands.send.parse(await line.request(event, patient.timeoutMs), input, contextOf(patient));
    return works(check, `${event.name} is answered`);
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const mend =
      'acknowledge send_message with {ok: true, message}, and say acks: true at GET /api/capabilities';
    if (capabilities.acks)
      return broken(check, says, 'answer by chat:ack {tempId, message} or chat:error {tempId, message}');
    return degrades(check, says, 'messages go by REST, each in a request of its own', mend);
  }
}

/** Deletes what the doctor has sent, in earlier visits too. */
async function checkDelete(
  patient: Patient,
  { routes }: ChatPreset,
  found: FindingsOf,
  conversationId: string,
): Promise<Finding> {
  const { works, degrades, skipped } = found;
  const check = 'delete';
  const { deleteMessage, messages } = routes;
  if (!deleteMessage) return skipped(check, 'the preset has none: what was sent stays');
  const input = { conversationId, page: 1, limit: 50 };
  const { output, finding } = await checkRoute(patient, found, check, messages, input);
  if (!output) return finding;
  const own = output.facts.filter(
    (fact) => isMessage(fact) && fact.senderId === patient.userId && fact.text.startsWith(signature),
  );
  for (const { messageId } of own.filter(isMessage)) {
    const { status } = await ask(patient, deleteMessage, { messageId });
    if (status < 300) continue;
    const mend = 'say that there is none: definePreset({ routes: { deleteMessage: null } })';
    return degrades(
      check,
      `it fails (${status}), and what was sent stays`,
      'messages cannot be deleted',
      mend,
    );
  }
  return works(check, `${own.length} of the doctor’s messages deleted`);
}

function isMessage(fact: Fact): fact is MessageFact {
  return fact.kind === 'message';
}
