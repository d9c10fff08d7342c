import { HttpError } from '../errors.ts';
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
  const { http, baseUrl, clock, logger } = settings;
  /** By user: the address on this page of each fetched one; `null` for what cannot be had, `undefined` on its way. */
  const users = new Map<string, Map<string, string | null | undefined>>();

  function address(userId: string, url: string): string | null | undefined {
    // The token is the backend's alone: what lies elsewhere is shown as it is.
    if (!url.startsWith(`${baseUrl}/`)) return url;
    const held = users.get(userId) ?? new Map<string, string | null | undefined>();
    users.set(userId, held);
    if (!held.has(url)) {
      held.set(url, undefined);
      void load(userId, url, held);
    }
    return held.get(url);
  }

  async function load(userId: string, url: string, held: Map<string, string | null | undefined>) {
    try {
      const picture = await http.call(route, { path: url.slice(baseUrl.length) });
      if (held.has(url)) held.set(url, URL.createObjectURL(picture));
    } catch (error) {
      logger.debug('unable to load a picture', error);
      if (held.has(url)) held.set(url, null);
    }
    settings.onReady(userId);
  }

  function forget(userId: string, kept: readonly string[]) {
    const held = users.get(userId);
    for (const [url, local] of held ?? []) {
      if (kept.includes(url)) continue;
      held?.delete(url);
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
