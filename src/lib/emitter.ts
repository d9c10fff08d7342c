import EventEmitter from 'eventemitter3';
import type { Logger } from './logger.ts';

export interface Emitter<Events extends object> {
  emit<Name extends keyof Events & string>(name: Name, event: Events[Name]): void;
  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): () => void;
  once<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): () => void;
  clear(): void;
}

/** Typed events. A listener that throws is reported and stops neither the others nor the sender. */
export function createEmitter<Events extends object>(logger: Logger): Emitter<Events> {
  const events = new EventEmitter<string>();

  return {
    emit: (name, event) => void events.emit(name, event),
    on(name, listener) {
      const guarded = (event: Events[typeof name]) => guard(listener, logger, event);
      events.on(name, guarded);
      return () => void events.off(name, guarded);
    },
    once(name, listener) {
      const guarded = (event: Events[typeof name]) => guard(listener, logger, event);
      events.once(name, guarded);
      return () => void events.off(name, guarded);
    },
    clear: () => void events.removeAllListeners(),
  };
}

/** Runs somebody else's callback; what it throws is reported as a page's own uncaught error would be. */
export function guard(callback: () => void, logger: Logger): void;
export function guard<T>(callback: (event: T) => void, logger: Logger, event: T): void;
export function guard(callback: (event?: unknown) => void, logger: Logger, event?: unknown): void {
  try {
    callback(event);
  } catch (error) {
    logger.error('a listener threw', error);
    globalThis.reportError?.(error);
  }
}
