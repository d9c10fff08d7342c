/** How bad one device's line and the backend's answers to it are. Shares are from 0 to 1. */
export interface Faults {
  /** Shortest and longest time on the way, in milliseconds, each way. */
  readonly latencyMs: readonly [shortest: number, longest: number];
  /** Socket frames that never arrive. */
  readonly frameLost: number;
  /** Socket frames that arrive twice: from the backend, and from the device. */
  readonly frameDoubled: number;
  readonly commandDoubled: number;
  /** Socket frames that arrive after later ones. */
  readonly frameReordered: number;
  readonly ackLost: number;
  /** Requests that never arrive. */
  readonly requestLost: number;
  /** Answers that never arrive, although the backend did what was asked. */
  readonly answerLost: number;
  /** Of what is lost in the two cases above, what fails at once; the rest hangs until the caller gives up. */
  readonly lossNoticed: number;
  /** 500, 503 or an HTML 502; half of them after the commit. */
  readonly serverError: number;
  /** JSON that ends in the middle, after the commit. */
  readonly truncated: number;
  /** 429 with `Retry-After`, in one of the forms that exist. */
  readonly tooMany: number;
  /** Puts that the storage host answers with 503, 403 or not at all. */
  readonly storageError: number;
  /** Writes during which the backend goes down: half of them before, half after the commit. */
  readonly crash: number;
  /** How long the backend then stays down, in milliseconds. */
  readonly downMs: readonly [shortest: number, longest: number];
}

/** A line that does what it should, with a little latency. */
export const calm: Faults = {
  latencyMs: [5, 40],
  frameLost: 0,
  frameDoubled: 0,
  commandDoubled: 0,
  frameReordered: 0,
  ackLost: 0,
  requestLost: 0,
  answerLost: 0,
  lossNoticed: 1,
  serverError: 0,
  truncated: 0,
  tooMany: 0,
  storageError: 0,
  crash: 0,
  downMs: [1_000, 1_000],
};

/** A line on which everything goes wrong that can. */
export const rough: Faults = {
  latencyMs: [5, 400],
  frameLost: 0.03,
  frameDoubled: 0.05,
  commandDoubled: 0.05,
  frameReordered: 0.1,
  ackLost: 0.08,
  requestLost: 0.03,
  answerLost: 0.05,
  lossNoticed: 0.5,
  serverError: 0.1,
  truncated: 0.01,
  tooMany: 0.01,
  storageError: 0.1,
  crash: 0.004,
  downMs: [500, 20_000],
};
