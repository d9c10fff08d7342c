/** One request as it left a device. */
export interface RequestRecord {
  readonly at: number;
  readonly deviceId: string;
  readonly method: string;
  readonly url: string;
  readonly origin: string;
  readonly path: string;
  /** The bearer token it carried. */
  readonly token: string | null;
  readonly headers: Headers;
  /** Parsed JSON; for a put `{ size, type }`. */
  readonly body: unknown;
  /** What became of it; `undefined` while it is on its way. */
  status?: number | 'lost' | 'aborted';
  settledAt?: number;
  /** The answer's `Retry-After`. */
  retryAfter?: string | null;
}

/** One frame: what a device or the backend sent, and what became of it. */
export interface FrameRecord {
  readonly at: number;
  readonly deviceId: string;
  readonly direction: 'up' | 'down' | 'ack';
  readonly name: string;
  /** As JSON. */
  readonly payload: string;
  readonly fate: 'sent' | 'lost' | 'doubled' | 'late';
}

/** Everything that went over the wire. */
export interface Journal {
  readonly requests: RequestRecord[];
  readonly frames: FrameRecord[];
  /** Happenings in words: connections, crashes, restarts. */
  readonly notes: { readonly at: number; readonly deviceId: string | null; readonly text: string }[];
}

export function createJournal(): Journal {
  return { requests: [], frames: [], notes: [] };
}
