import type { VisavisError } from '../errors.ts';
import type { Avatar, ConnectionStatus, Origin } from '../models.ts';

/** A user's picture changed, or was deleted. */
export interface AvatarUpdated {
  readonly userId: string;
  /** The picture from now on; `null` after a delete. */
  readonly avatar: Avatar | null;
  /** What was known before; `null` for no picture or nothing known. */
  readonly previous: Avatar | null;
  readonly origin: Origin;
}

/** The connection moved to another status. */
export interface StatusChanged {
  readonly status: ConnectionStatus;
  readonly previous: ConnectionStatus;
  /** Why, for logs: a Socket.IO disconnect reason, `connect`, `disconnect`, `repaired`, … */
  readonly reason: string;
}

/** A live event was dropped because it is not what the preset says. Nothing else was affected. */
export interface ProtocolError {
  /** The event's name on the wire. */
  readonly event: string;
  readonly error: VisavisError;
}

/** The backend refuses this user's token, also a fresh one. Commands fail until `getToken` gives a good one. */
export interface SignedOut {
  readonly reason: 'unauthorized';
}

/** Events of the hub by name. */
export interface RealtimeEvents {
  avatarUpdated: AvatarUpdated;
  statusChanged: StatusChanged;
  protocolError: ProtocolError;
  signedOut: SignedOut;
}

/** Live events and the connection that brings them. */
export interface RealtimeApi {
  readonly status: ConnectionStatus;
  /** Connects, and stays connected until `disconnect()`: lost connections are made again. */
  connect(): void;
  disconnect(): void;
  /**
   * Calls `listener` with every such event.
   *
   * @returns an undo, safe to call twice.
   * @example
   * client.realtime.on('avatarUpdated', ({ userId, avatar }) => console.log(userId, avatar?.url));
   */
  on<Name extends keyof RealtimeEvents>(
    name: Name,
    listener: (event: RealtimeEvents[Name]) => void,
  ): () => void;
  /** Calls `listener` with the next such event only. */
  once<Name extends keyof RealtimeEvents>(
    name: Name,
    listener: (event: RealtimeEvents[Name]) => void,
  ): () => void;
}
