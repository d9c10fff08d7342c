import { HttpError, mayPass } from '../errors.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Avatar } from '../models.ts';
import type { Route } from '../protocol/route.ts';
import type { Http } from '../transport/http.ts';

/** How pictures come to a page that only the signed-in user may see. */
export type CreatePrivatePictures = (settings: PrivatePicturesSettings) => PrivatePictures;

export interface PrivatePicturesSettings {
  readonly http: Http;
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** A picture of this user can be shown now, or cannot be had. */
  onReady(userId: string): void;
}

/** Pictures behind the bearer token: fetched with it, and shown by `blob:`. */
export interface PrivatePictures {
  /**
   * The picture at addresses of this page; `undefined` while it is fetched.
   *
   * @param isFull - whether the thumbnail is not enough.
   */
  local(userId: string, avatar: Avatar | null, isFull: boolean): Avatar | null | undefined;
  dispose(): void;
}

/** Longer than a page takes to put the next picture in place. */
const revokeDelayMs = 1_000;

const backoff: Backoff = { baseMs: 5_000, maxMs: 60_000 };

/** The address on this page; `null` for what cannot be had, `undefined` for what is on its way. */
interface Held {
  local: string | null | undefined;
}

const route: Route<{ readonly path: string }, Blob> = {
  method: 'GET',
  path: ({ path }) => path,
  as: 'blob',
  purpose: 'load the picture',
  idempotent: true,
  parse({ body, status }) {
    if (body instanceof Blob) return body;
    throw new HttpError('unable to load the picture; the answer is none', { status });
  },
};

/** Fetches pictures of the backend with the bearer token, and shows them by `blob:`. */
export const privatePictures: CreatePrivatePictures = (settings) => {
  const { http, baseUrl, clock, random, logger } = settings;
  /** By user, and by the backend's address. */
  const users = new Map<string, Map<string, Held>>();

  function address(userId: string, url: string): string | null | undefined {
    // The token is the backend's alone: what lies elsewhere is shown as it is.
    if (!url.startsWith(`${baseUrl}/`)) return url;
    const pictures = users.get(userId) ?? new Map<string, Held>();
    users.set(userId, pictures);
    let held = pictures.get(url);
    if (!held) {
      held = { local: undefined };
      pictures.set(url, held);
      void load(userId, url, held);
    }
    return held.local;
  }

  async function load(userId: string, url: string, held: Held, failures = 0) {
    const isWanted = () => users.get(userId)?.get(url) === held;
    try {
      const picture = await http.call(route, { path: url.slice(baseUrl.length) });
      if (!isWanted()) return;
      held.local = URL.createObjectURL(picture);
    } catch (error) {
      logger.debug('unable to load a picture', error);
      if (!isWanted()) return;
      held.local = null;
      if (mayPass(error)) {
        const again = () => isWanted() && void load(userId, url, held, failures + 1);
        clock.schedule(again, backoffMs(failures, backoff, random));
      }
    }
    settings.onReady(userId);
  }

  function forget(userId: string, kept: readonly string[]) {
    const pictures = users.get(userId);
    for (const [url, { local }] of pictures ?? []) {
      if (kept.includes(url)) continue;
      pictures?.delete(url);
      if (local) clock.schedule(() => URL.revokeObjectURL(local), revokeDelayMs);
    }
  }

  return {
    local(userId, avatar, isFull) {
      if (!avatar) {
        forget(userId, []);
        return null;
      }
      const thumbUrl = address(userId, avatar.thumbUrl);
      const full = isFull ? address(userId, avatar.url) : undefined;
      if (thumbUrl === undefined) return undefined;
      forget(userId, [avatar.url, avatar.thumbUrl]);
      return thumbUrl === null ? null : Object.freeze({ ...avatar, url: full ?? thumbUrl, thumbUrl });
    },
    dispose() {
      for (const userId of users.keys()) forget(userId, []);
    },
  };
};
