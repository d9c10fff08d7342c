import { setTimeout } from 'node:timers/promises';
import { JWT } from 'google-auth-library';
import { createLane } from '../nodes/lane.ts';
import { type FcmAnswer, readFcmAnswer } from './fcm-answer.ts';
import { toFcmMessage } from './fcm-message.ts';
import type { PushNote, PushSender } from './push.ts';
import type { ServiceAccount } from './service-account.ts';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const AT_ONCE = 20;
const MOST_TRIES = 5;
const MOST_WAITING = 10_000;
const TIMEOUT_MS = 10_000;
const FIRST_BACKOFF_MS = 1000;

type Fetch = typeof fetch;
type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>;

/** Firebase Cloud Messaging over HTTP v1, one request per token. What cannot be sent is reported and let go. */
export function createFcmSender(settings: {
  account: ServiceAccount;
  report: (error: unknown) => void;
  fetch?: Fetch;
  clock?: () => number;
  random?: () => number;
  wait?: Wait;
}): PushSender {
  const { account, report, fetch = globalThis.fetch, clock = Date.now, random = Math.random } = settings;
  const { wait = (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }) } = settings;
  const url = `https://fcm.googleapis.com/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`;
  const inLane = createLane(AT_ONCE);
  const closing = new AbortController();
  let auth = createAuth(account, fetch);
  let waiting = 0;
  /** FCM asks the whole project to wait, not one token. */
  let heldUntil = 0;

  async function post(token: string, note: PushNote): Promise<FcmAnswer> {
    let bearer: string | null | undefined;
    try {
      bearer = (await auth.getAccessToken()).token;
    } catch (error) {
      // Google's errors hold the request, and that holds a signature.
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'later', why: `no access token, ${why}`, holdMs: undefined };
    }
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(toFcmMessage(token, note)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await readFcmAnswer(response, clock());
    } catch (error) {
      return { kind: 'later', why: error instanceof Error ? error.name : String(error), holdMs: undefined };
    }
  }

  /** Answers whether the token is dead. */
  async function deliver(token: string, note: PushNote): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      const answer = await inLane(async () => {
        while (heldUntil > clock()) await wait(heldUntil - clock(), closing.signal);
        return post(token, note);
      });
      if (answer.kind === 'sent') return false;
      if (answer.kind === 'dead') return true;
      if (answer.kind === 'refused') throw new Error(`FCM refused it: ${answer.why}`);
      if (tries === MOST_TRIES) {
        throw new Error(`FCM did not take it: ${answer.kind === 'later' ? answer.why : 'HTTP 401'}`);
      }
      if (answer.kind === 'signedOut') auth = createAuth(account, fetch);
      else if (answer.holdMs !== undefined) heldUntil = Math.max(heldUntil, clock() + answer.holdMs);
      else await wait(FIRST_BACKOFF_MS * 2 ** (tries - 1) * (0.5 + random() / 2), closing.signal);
    }
  }

  return {
    async send(tokens, note) {
      if (waiting + tokens.length > MOST_WAITING) {
        report(new Error('unable to push; too many notes are waiting for FCM'));
        return { dead: [] };
      }
      waiting += tokens.length;
      const ends = await Promise.allSettled(tokens.map((token) => deliver(token, note)));
      waiting -= tokens.length;
      for (const end of ends) {
        if (end.status === 'rejected' && !closing.signal.aborted) report(end.reason);
      }
      return { dead: tokens.filter((_, at) => ends[at]?.status === 'fulfilled' && ends[at].value) };
    },
    close: () => closing.abort(),
  };
}

function createAuth({ email, privateKey }: ServiceAccount, fetch: Fetch): JWT {
  return new JWT({
    email,
    key: privateKey,
    scopes: [SCOPE],
    transporterOptions: { fetchImplementation: fetch, timeout: TIMEOUT_MS },
  });
}
