import { createEmitter } from '../lib/emitter.ts';
import type { Logger } from '../lib/logger.ts';
import { readTabMessage, type TabMessages, tabMessageKind } from '../protocol/tab-messages.ts';
import type { TabChannel, TabPorts } from './ports.ts';

/** Messages between the tabs that belong together. Everything that is heard was checked. */
export interface Bus {
  /** This tab. */
  readonly id: string;
  /** Begins to hear the others. */
  open(): void;
  /** Does nothing where there can be no other tab. */
  post<Kind extends keyof TabMessages>(kind: Kind, message: Omit<TabMessages[Kind], 'from'>): void;
  on<Kind extends keyof TabMessages>(kind: Kind, listener: (message: TabMessages[Kind]) => void): void;
  close(): void;
}

export interface BusSettings {
  readonly id: string;
  readonly name: string;
  readonly ports: TabPorts | null;
  readonly logger: Logger;
  /** Called once, when it begins to hear. */
  onOpen(ports: TabPorts): void;
}

export function createBus({ id, name, ports, logger, onOpen }: BusSettings): Bus {
  const heard = createEmitter<TabMessages>(logger);
  let channel: TabChannel | undefined;
  let isClosed = false;

  function receive(value: unknown) {
    const kind = tabMessageKind(value);
    if (kind) tell(kind, value);
  }

  function tell<Kind extends keyof TabMessages>(kind: Kind, value: unknown) {
    const message = readTabMessage(kind, value);
    if (message) heard.emit(kind, message);
  }

  function open() {
    if (channel || isClosed || !ports) return;
    channel = ports.openChannel(name, receive);
    onOpen(ports);
  }

  return {
    id,
    open,
    post(kind, message) {
      try {
        open();
        channel?.post({ kind, from: id, ...message });
      } catch (error) {
        // Too large for the storage, or nothing that can be copied.
        logger.warn(`unable to send a "${kind}" to the other tabs`, error);
      }
    },
    on: (kind, listener) => void heard.on(kind, listener),
    close() {
      isClosed = true;
      channel?.close();
      channel = undefined;
      heard.clear();
    },
  };
}
