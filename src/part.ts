import type { Fact } from './facts.ts';
import type { Clock } from './lib/clock.ts';
import type { Emitter } from './lib/emitter.ts';
import type { Notify } from './lib/live.ts';
import type { Logger } from './lib/logger.ts';
import type { SocketDialect } from './lib/socket-port.ts';
import type { AvatarCapabilities, Presence } from './models.ts';
import type { DehydratedState } from './protocol/dehydrated.ts';
import type { EventParser, ParseContext } from './protocol/route.ts';
import type { Connection } from './realtime/connection.ts';
import type { RealtimeEvents, Resynced } from './realtime/events.ts';
import type { FactOrigin, OtherFact } from './realtime/hub.ts';
import type { Tabs } from './tabs/tabs.ts';
import type { Http } from './transport/http.ts';
import type { Directory } from './users/directory.ts';

/** What a further part of the client builds on. Nothing of it may be used before the core is whole. */
export interface Core {
  readonly userId: string;
  /** The backend and the user, in one word. */
  readonly scope: string;
  readonly tabs: Pick<Tabs, 'seat' | 'tellStored'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Ends with the client. */
  readonly life: AbortSignal;
  readonly http: Http;
  readonly events: Emitter<RealtimeEvents>;
  readonly notify: Notify;
  readonly users: Directory;
  readonly capabilities: AvatarCapabilities;
  readonly connection: Omit<Connection, 'status' | 'connect' | 'disconnect' | 'hurry'>;
  parseContext(): ParseContext;
  /** The one door into the stores. */
  apply(facts: readonly Fact[], origin: FactOrigin): void;
  /** The same for what only this tab can see to: if it goes, nobody tells the backend. */
  applyHere(facts: readonly Fact[], origin: FactOrigin): void;
  /** Reads users on screen again; those of `synced` are up to date. */
  repairUsers(signal: AbortSignal, synced: ReadonlySet<string> | null): Promise<void>;
}

/** A further part of the client: what it hears of. */
export interface Part {
  /** Live events by their wire name. */
  readonly parsers: Readonly<Record<string, EventParser>>;
  /** Its way to speak on the socket; `null` for the plain one. */
  readonly dialect: SocketDialect | null;
  presenceOf(userId: string): Presence;
  apply(facts: readonly OtherFact[], origin: FactOrigin): void;
  countMessages(): () => number;
  repair(signal: AbortSignal): Promise<Resynced['way']>;
  onRepaired(): void;
  onOpen(): void;
  onClose(): void;
  onReturn(): void;
  onHide(): void;
  onSignedOut(): void;
  /** A request succeeded: a token that was refused before is good again. */
  onAccepted(): void;
  /** Another tab changed what is stored. */
  onStored(): void;
  /** Removes what is stored of this user. */
  clear(): Promise<void>;
  dehydrate(): Pick<DehydratedState, 'facts' | 'chat'>;
  /** Its facts are in the stores already. */
  hydrate(chat: DehydratedState['chat']): void;
  dispose(): void;
}
