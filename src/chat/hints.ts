import { mayPass } from '../errors.ts';
import type { HintFact } from '../facts.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { ChatContext } from './chat-context.ts';
import type { RowReader } from './row-reader.ts';

const gatherMs = 250;
const backoff = { baseMs: 1_000, maxMs: 30_000 };

/** How often something was told of one conversation in each way; `message` by messages that came in and were new. */
type Told = Partial<Record<'message' | 'other' | NonNullable<HintFact['of']>, number>>;

interface Ledger {
  readonly since: number;
  readonly told: Told;
}

export interface HintsSettings {
  readonly random: () => number;
  isWanted(): boolean;
  /** Reads the conversation's messages, if that tells all there is to know; else `undefined`. */
  readThread(conversationId: string): Promise<void> | undefined;
  readonly readRow: RowReader;
  readList(): Promise<void>;
}

/** "Something changed there": reads it soon, once for many hints, and not at all what came in by itself. */
export function createHints(
  { clock, logger }: Pick<ChatContext, 'clock' | 'logger'>,
  { random, isWanted, readThread, readRow, readList }: HintsSettings,
) {
  const ledgers = new Map<string, Ledger>();
  let wholeList = false;
  let isBusy = false;
  let failures = 0;

  /** Takes out the conversations that have to be read. A message that came before its hint waits for it a little. */
  function takeDue(): string[] {
    const due: string[] = [];
    for (const [conversationId, { since, told }] of ledgers) {
      if (!isHinted(told) && clock.now() - since < gatherMs) continue;
      ledgers.delete(conversationId);
      if (isOwed(told)) due.push(conversationId);
    }
    return due;
  }

  async function readRows(conversationIds: readonly string[], asList: boolean) {
    const isFew = !asList && conversationIds.length <= 3;
    const isTold = isFew && (await Promise.all(conversationIds.map((id) => readRow(id)))).every(Boolean);
    if (!isTold) await readList();
  }

  async function read() {
    const asList = wholeList;
    wholeList = false;
    const due = takeDue();
    const rows: string[] = [];
    const reads: Promise<void>[] = [];
    for (const conversationId of due) {
      const reading = readThread(conversationId);
      if (reading) reads.push(reading);
      else rows.push(conversationId);
    }
    const results = await Promise.allSettled([...reads, readRows(rows, asList)]);
    const faults = results.flatMap((result): unknown[] => ('reason' in result ? [result.reason] : []));
    if (faults.length > 0) logger.debug('unable to read what a hint was about', faults);
    if (faults.some(mayPass)) {
      failures += 1;
      wholeList ||= asList;
      for (const conversationId of due) note(conversationId, 'other');
    } else failures = 0;
    isBusy = false;
    if (wholeList || [...ledgers.values()].some(({ told }) => isHinted(told))) schedule();
  }

  function schedule() {
    if (isBusy) return;
    isBusy = true;
    clock.schedule(() => void read(), gatherMs + (failures && backoffMs(failures, backoff, random)));
  }

  function note(conversationId: string, way: keyof Told) {
    let ledger = ledgers.get(conversationId);
    if (!ledger || (!isHinted(ledger.told) && clock.now() - ledger.since >= gatherMs)) {
      ledger = { since: clock.now(), told: {} };
      ledgers.set(conversationId, ledger);
    }
    ledger.told[way] = (ledger.told[way] ?? 0) + 1;
  }

  return {
    add(conversationId: string | null, way: keyof Told = 'other'): void {
      if (!isWanted()) return;
      if (conversationId === null) wholeList = true;
      else note(conversationId, way);
      if (way !== 'row' && way !== 'message') schedule();
    },
    /** Everything is about to be read anyway. */
    clear(): void {
      ledgers.clear();
      wholeList = false;
    },
  };
}

function isHinted({ other, list, count, notice }: Told): boolean {
  return Boolean(other || list || count || notice);
}

/** Whether something was told of more messages than came in. One way tells each message as often as another like it. */
function isOwed({ other = 0, list = 0, count = 0, notice = 0, row = 0, message = 0 }: Told): boolean {
  return other > 0 || notice > message || Math.max(list, count) > Math.max(row, message);
}
