import type { ChatCapabilities } from '../chat-models.ts';
import type { Fact, MessageFact } from '../facts.ts';
import { definePreset } from '../presets/define-preset.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import { runningRoutes } from '../protocol/chat-routes.ts';
import { isExpiredToken } from '../protocol/expired-token.ts';
import { checkAuth, checkCors } from './check-access.ts';
import { checkRoute } from './check-route.ts';
import { checkSending, type Sample } from './check-sending.ts';
import { checkSocket } from './check-socket.ts';
import { type Finding, type FindingsOf, findingsOf } from './finding.ts';
import type { Patient } from './patient.ts';

/** Whether a backend speaks a preset of the chat, and at which level. */
export async function checkChat(patient: Patient, given: ChatPreset): Promise<Finding[]> {
  const found = findingsOf(given.name);
  const { preset, findings, rows } = await checkList(patient, given, found);
  if (!rows) return findings;
  const { level, findings: levels } = await checkLevel(patient, preset, found);
  findings.push(...levels);
  const input = { userId: patient.userId, page: 1, limit: 5 };
  findings.push(...(await checkAuth(patient, found, preset.routes.conversations, input, isExpiredToken)));
  findings.push(...(await checkCors(patient, found, preset.routes.conversations, input)));
  findings.push(...checkRows(found, rows));
  const samples = samplesOf(rows);
  findings.push(...(await checkHistory(patient, preset, found, samples, level)));
  findings.push(...(await checkSocket(patient, found, preset.dialect)));
  const [sample] = samples;
  if (!patient.mayWrite)
    findings.push(found.skipped('sending', 'pass --write to send a message, twice under one client id'));
  else if (!sample) findings.push(found.skipped('sending', 'the user has no conversation'));
  else findings.push(...(await checkSending(patient, preset, found, sample)));
  return findings;
}

async function checkList(patient: Patient, preset: ChatPreset, found: FindingsOf) {
  const check = 'list of conversations';
  const input = { userId: patient.userId, page: 1, limit: 5 };
  const asked = await checkRoute(patient, found, check, preset.routes.conversations, input);
  if (asked.output) return { preset, findings: [asked.finding], rows: asked.output.facts };
  const running = definePreset({ extends: preset, routes: runningRoutes });
  const again = await checkRoute(patient, found, check, running.routes.conversations, input);
  if (!again.output) return { preset, findings: [asked.finding], rows: null };
  const says = `${asked.finding.says}; it is at the path of running backends`;
  const mend = `chat: definePreset({ extends: ${preset.name}, routes: runningRoutes }); ask again with --preset chatRunning`;
  return { preset: running, findings: [found.broken(check, says, mend)], rows: again.output.facts };
}

async function checkLevel(patient: Patient, { capabilities, routes }: ChatPreset, found: FindingsOf) {
  const none = { ...capabilities, level: 0 as ChatCapabilities['level'] };
  const asked =
    routes.capabilities && (await checkRoute(patient, found, 'capabilities', routes.capabilities, {}));
  const told = { ...none, ...asked?.output };
  const { level } = told;
  const findings: Finding[] = [];
  if (asked?.output) findings.push(asked.finding);
  if (level === 2) findings.push(found.works('level', '2: exact, everything can be repaired and repeated'));
  else if (level === 1) {
    findings.push(
      found.degrades(
        'level',
        '1: sends can be repeated',
        'holes cannot be seen, and after an outage the list and open conversations are read again',
        'number messages without holes (seq), and offer GET /api/sync',
      ),
    );
  } else {
    findings.push(
      found.degrades(
        'level',
        '0: the plain wire',
        'a message whose answer is lost is looked for, and may end as “uncertain”; unread counts are exact only while the client is there',
        'keep client_id, unique for each sender, and answer the first row to a repeat; then say so at GET /api/capabilities',
      ),
    );
  }
  if (told.sync && routes.sync)
    findings.push((await checkRoute(patient, found, 'change feed', routes.sync, { since: null })).finding);
  return { level, findings };
}

function checkRows({ works, degrades, skipped }: FindingsOf, facts: readonly Fact[]): Finding[] {
  const rows = facts.filter((fact) => fact.kind === 'conversation');
  if (rows.length === 0) return [skipped('rows of the list', 'the user has no conversation')];
  const of = (kind: Fact['kind']) =>
    new Set(
      facts.flatMap((fact) => (fact.kind === kind && 'conversationId' in fact ? [fact.conversationId] : [])),
    );
  const findings = [works('rows of the list', `${rows.length} understood`)];
  if (rows.some(({ otherUserId }) => !otherUserId)) {
    findings.push(
      degrades(
        'rows: other_user',
        'missing',
        'rows have no name and no picture',
        'add other_user {id, name, profile_image_url}',
      ),
    );
  }
  if (of('unread').size < rows.length) {
    findings.push(
      degrades(
        'rows: unread_count',
        'missing',
        'a page that comes anew shows 0 until a message comes in',
        'add unread_count to the row',
      ),
    );
  }
  const previews = facts.flatMap((fact) => (fact.kind === 'activity' && fact.preview ? [fact.preview] : []));
  if (previews.some(({ messageId }) => messageId === null)) {
    findings.push(
      degrades(
        'rows: last_message.id',
        'missing',
        'a deleted message stays in the preview until the list is read',
        'add the id',
      ),
    );
  }
  return findings;
}

function samplesOf(facts: readonly Fact[]): Sample[] {
  return facts.flatMap((fact) => {
    if (fact.kind !== 'conversation') return [];
    const { conversationId, otherUserId = null } = fact;
    const count = facts.find((each) => each.kind === 'unread' && each.conversationId === conversationId);
    return [{ conversationId, otherUserId, unread: count?.kind === 'unread' ? count.count : null }];
  });
}

/** Reading messages marks them as seen on running backends: without leave to write, only where nothing is lost by it. */
async function checkHistory(
  patient: Patient,
  { routes }: ChatPreset,
  found: FindingsOf,
  samples: readonly Sample[],
  level: number,
): Promise<Finding[]> {
  const sample = samples.find(({ unread }) => patient.mayWrite || level > 0 || unread === 0);
  if (!sample) {
    const why =
      samples.length === 0
        ? 'the user has no conversation'
        : 'reading them may mark them as seen: pass --write';
    return [found.skipped('messages', why)];
  }
  const limit = 20;
  const input = { conversationId: sample.conversationId, page: 1, limit };
  const { finding, output } = await checkRoute(patient, found, 'messages', routes.messages, input);
  if (!output) return [finding];
  const rows = output.facts.filter((fact): fact is MessageFact => fact.kind === 'message');
  return [finding, ...checkOrder(found, rows, limit), ...checkNumbers(found, rows, level)];
}

function checkOrder(
  { works, broken, degrades, skipped }: FindingsOf,
  rows: readonly MessageFact[],
  limit: number,
): Finding[] {
  if (rows.length < 2) return [skipped('order of messages', 'there are too few to tell')];
  const findings: Finding[] = [];
  const rises = rows.every(({ createdAt }, i) => createdAt >= (rows[i - 1]?.createdAt ?? createdAt));
  const falls = rows.every(({ createdAt }, i) => createdAt <= (rows[i - 1]?.createdAt ?? createdAt));
  const mend = 'answer each page oldest first, or turn it round in a parser of your own';
  if (rises) findings.push(works('order of messages', `${rows.length} on a page, oldest first`));
  else findings.push(broken('order of messages', falls ? 'newest first' : 'in no order of time', mend));
  if (rows.length > limit)
    findings.push(
      degrades(
        'pages of messages',
        `${rows.length} where ${limit} were asked for`,
        'histories take long to open',
        'mind limit',
      ),
    );
  return findings;
}

function checkNumbers({ works, broken }: FindingsOf, rows: readonly MessageFact[], level: number): Finding[] {
  const seqs = rows.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  if (level < 2 || rows.length === 0) return [];
  const isWhole =
    seqs.length === rows.length && seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1);
  if (isWhole) return [works('numbers of messages', 'each has one, without holes')];
  return [
    broken(
      'numbers of messages',
      'missing, or with holes',
      'count with a row of the conversation, not a database sequence',
    ),
  ];
}
