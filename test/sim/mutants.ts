import { registerHooks } from 'node:module';
import type { WireLevel } from '../../src/testing/index.ts';

/** A bug to plant: lines of the product that are replaced in memory while it is loaded. */
export interface Mutant {
  readonly name: string;
  /** Where it makes a difference. */
  readonly levels: readonly WireLevel[];
  readonly edits: readonly {
    /** Below `src/`. */
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
}

const everywhere: readonly WireLevel[] = [2, 1, 0];

export const mutants: readonly Mutant[] = [
  {
    name: 'no idempotency',
    levels: [2, 1],
    edits: [
      {
        file: 'protocol/chat.ts',
        find: '          clientId,\n',
        replace: '          clientId: crypto.randomUUID(),\n',
      },
      {
        file: 'protocol/chat-routes.ts',
        find: '      client_id: clientId,\n',
        replace: '      client_id: crypto.randomUUID(),\n',
      },
    ],
  },
  {
    name: 'no dedupe',
    levels: everywhere,
    edits: [{ file: 'store/timeline.ts', find: 'if (held) return this.#join(held, fact);', replace: '' }],
  },
  {
    name: 'memory-only outbox',
    levels: everywhere,
    edits: [
      { file: 'chat/outbox.ts', find: 'await settled(storage.put(toRecord(entry.state)));', replace: '' },
    ],
  },
  {
    name: 'drop on error',
    levels: everywhere,
    edits: [
      {
        file: 'chat/outbox-sender.ts',
        find: 'if (!entry.isGone) await onRejected(entry, reason, signal);',
        replace: 'if (!entry.isGone) settings.leave(entry);',
      },
    ],
  },
  {
    name: 'parallel send',
    levels: everywhere,
    edits: [
      {
        file: 'chat/outbox-sender.ts',
        find: 'if (!entry || !maySend() || tries.has(conversation)) return;',
        replace: 'if (!entry || !maySend()) return;',
      },
      {
        file: 'chat/outbox-sender.ts',
        find: 'tries.set(conversation, current);',
        replace:
          "tries.set(conversation, current); if (step === 'send') queueMicrotask(() => wake(conversation));",
      },
    ],
  },
  {
    name: 'avatar last-write-wins',
    levels: [2],
    edits: [
      {
        file: 'store/users.ts',
        find: 'return order > 0 || (order === 0 && content(fact) > content(held));',
        replace: 'return order !== 0 || content(fact) > content(held);',
      },
    ],
  },
  {
    name: 'unread by adding',
    levels: [2],
    edits: [
      {
        file: 'store/unread-count.ts',
        find: 'this.anchor = fact;',
        replace: 'this.anchor = { ...fact, count: fact.count + (this.anchor?.count ?? 0) };',
      },
    ],
  },
  {
    name: 'no heartbeat',
    levels: [2],
    edits: [
      {
        file: 'protocol/chat-events.ts',
        find: "const event = parse(syncState, payload, 'read sync_state');",
        replace: "parse(syncState, payload, 'read sync_state'); const event = []; if (event) return event;",
      },
      {
        file: 'realtime/rooms.ts',
        find: 'if (!settings.isOpen() || !settings.hasHeartbeat()) return;',
        replace: 'return;',
      },
    ],
  },
  {
    name: 'no resync',
    levels: everywhere,
    edits: [
      {
        file: 'realtime/reconcile.ts',
        find: 'if (!settings.isChatUsed()) {',
        replace: "if (signal) return { way: 'sync' }; if (!settings.isChatUsed()) {",
      },
    ],
  },
  {
    name: 'seen regress',
    levels: [2],
    edits: [
      {
        file: 'store/conversation.ts',
        find: 'if (seq <= held.seq && at <= held.at) return false;',
        replace: 'if (seq === held.seq && at === held.at) return false;',
      },
      {
        file: 'store/conversation.ts',
        find: '{ seq: Math.max(seq, held.seq), at: Math.max(at, held.at) }',
        replace: '{ seq, at }',
      },
    ],
  },
  {
    name: 'trusting unread events',
    levels: everywhere,
    edits: [
      {
        file: 'protocol/chat-events.ts',
        find: "if (event.action === 'increment') return [hint(conversationId, 'count')];",
        replace: '',
      },
      {
        file: 'store/unread-count.ts',
        find: 'if (this.anchor && !isLaterCount(fact, this.anchor)) return false;',
        replace: '',
      },
    ],
  },
  {
    name: 'no gap detection',
    levels: [2],
    edits: [
      {
        file: 'chat/thread-loader.ts',
        find: 'if (!here) return undefined;',
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'a connection for each tab',
    levels: everywhere,
    edits: [
      {
        file: 'core.ts',
        find: 'link: options.tabs === false ? link : tabs.shareLink(link),',
        replace: 'link,',
      },
    ],
  },
  {
    name: 'every tab sends',
    levels: [0],
    edits: [
      {
        file: 'chat-part.ts',
        find: "void outbox.start('unshared');\n    sending",
        replace: 'void outbox.start();\n    sending',
      },
    ],
  },
  {
    name: 'events stay in one tab',
    levels: everywhere,
    edits: [
      {
        file: 'tabs/shared-link.ts',
        find: "if (guests.size > 1) bus.post('event', { name, payload });",
        replace: '',
      },
    ],
  },
  {
    name: 'own actions stay in one tab',
    levels: everywhere,
    edits: [
      { file: 'core.ts', find: "if (origin === 'self') tabs.share(facts, origin);", replace: '' },
      { file: 'core.ts', find: "tabs.share([fact], 'self', uploader.outdated);", replace: '' },
    ],
  },
];

/** From now on the product is loaded with the bug in it. Throws when the lines are not there any more. */
export function plantByName(wanted: string): void {
  const mutant = mutants.find(({ name }) => name === wanted);
  if (!mutant) throw new Error(`there is no mutant "${wanted}"`);
  plant(mutant);
}

function plant({ name, edits }: Mutant): void {
  const root = new URL('../../src/', import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const mine = edits.filter(({ file }) => url === `${root}${file}`);
      if (mine.length === 0) return loaded;
      let source = String(loaded.source);
      if (typeof loaded.source === 'object') source = new TextDecoder().decode(loaded.source);
      for (const { file, find, replace } of mine) {
        if (source.split(find).length !== 2) {
          throw new Error(`unable to plant "${name}"; src/${file} does not have exactly one "${find}"`);
        }
        source = source.replace(find, () => replace);
      }
      return { ...loaded, source };
    },
  });
}
