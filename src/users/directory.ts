import { avatarUrl } from '../lib/avatar-url.ts';
import { createBatch } from '../lib/batch.ts';
import type { Clock } from '../lib/clock.ts';
import { guard } from '../lib/emitter.ts';
import type { Logger } from '../lib/logger.ts';
import { wait } from '../lib/wait.ts';
import type { Avatar, Live, Presence, UserSnapshot } from '../models.ts';
import { nameOf, type ShownRecord, shownPicture, type UserRecord, type UserTable } from '../store/users.ts';
import { colorOf } from './color.ts';
import { initialsOf } from './initials.ts';
import type { LoadStatus } from './loader.ts';
import type { PreloadPicture } from './preload.ts';
import type { PrivatePictures } from './private-pictures.ts';

export interface DirectorySettings {
  readonly table: UserTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly insecure: boolean;
  readonly preload: PreloadPicture;
  status(userId: string): LoadStatus;
  presence(userId: string): Presence;
  onWatch(userId: string): void;
  /** Somebody looks at this user for the first time. */
  onFirstLook(userId: string): void;
  /** For pictures that only this page can show: `undefined` until it can, and {@link Directory.changed} follows. */
  readonly local?: PrivatePictures['local'] | undefined;
}

/** A local picture (or `null` for initials) shown before the backend has confirmed it. */
export interface Preview {
  /** It was published: keep showing it until the confirmed picture can be shown without a flash. */
  confirm(): void;
  /** It will not be published: back to the latest confirmed picture. */
  revert(): void;
}

/** Users as they are shown: records joined with previews, and pictures swapped only once they are decoded. */
export interface Directory {
  snapshot(userId: string): UserSnapshot;
  live(userId: string): Live<UserSnapshot>;
  /** Calls `listener` when the user's snapshot changed; reads the profile only if not even a name is known. */
  watch(userId: string, listener: () => void): () => void;
  isWatched(userId: string): boolean;
  preview(userId: string, avatar: Avatar | null, onGone: () => void): Preview;
  /** From now on, the snapshot as it is now is what a page from the server began with. */
  pin(userId: string): void;
  /** The table's record of this user changed in `field`. */
  changed(userId: string, field: 'avatar' | 'name' | 'username' | 'status' | 'presence'): void;
}

interface Entry {
  readonly live: Live<UserSnapshot>;
  readonly listeners: Set<() => void>;
  /** Whether somebody asked for this user as such, and not only within a list. */
  isFollowed: boolean;
  snapshot: UserSnapshot | undefined;
  pinned: UserSnapshot | undefined;
  /** The confirmed picture on screen; behind the record while a newer one is being decoded. */
  shown: Avatar | null;
  /** Counts swaps, so that a slow decode cannot bring back an old picture. */
  swaps: number;
  previews: readonly PreviewState[];
}

interface PreviewState {
  readonly avatar: Avatar | null;
  readonly onGone: () => void;
  confirmed: boolean;
}

const preloadTries = 3;
const preloadPauseMs = 400;

export function createDirectory(settings: DirectorySettings): Directory {
  const { table, clock, logger, insecure } = settings;
  const entries = new Map<string, Entry>();
  const notify = createBatch<string>(clock, (userIds) => {
    for (const userId of userIds) {
      for (const listener of entries.get(userId)?.listeners ?? []) guard(listener, logger);
    }
  });

  function entryOf(userId: string): Entry {
    let entry = entries.get(userId);
    if (entry) return entry;
    settings.onFirstLook(userId);
    const listeners = new Set<() => void>();
    entry = {
      listeners,
      isFollowed: false,
      snapshot: undefined,
      pinned: undefined,
      shown: localAvatar(userId, false) ?? null,
      swaps: 0,
      previews: [],
      live: {
        getSnapshot: () => snapshot(userId),
        getServerSnapshot: () => entries.get(userId)?.pinned ?? snapshot(userId),
        subscribe(listener) {
          const undo = listen(listeners, listener);
          follow(userId);
          settings.onWatch(userId);
          return undo;
        },
      },
    };
    entries.set(userId, entry);
    return entry;
  }

  function localAvatar(userId: string, isFull: boolean): Avatar | null | undefined {
    const avatar = confirmedAvatar(table.get(userId), insecure);
    return settings.local ? settings.local(userId, avatar, isFull) : avatar;
  }

  function follow(userId: string) {
    const entry = entryOf(userId);
    const isNew = !entry.isFollowed;
    entry.isFollowed = true;
    if (isNew && settings.local) swap(userId, entry);
  }

  function snapshot(userId: string): UserSnapshot {
    const entry = entryOf(userId);
    entry.snapshot ??= compose(
      userId,
      entry,
      table.get(userId),
      settings.status(userId),
      settings.presence(userId),
    );
    return entry.snapshot;
  }

  function invalidate(userId: string, entry: Entry) {
    entry.snapshot = undefined;
    if (entry.listeners.size > 0) notify(userId);
  }

  function show(userId: string, entry: Entry, avatar: Avatar | null) {
    entry.shown = avatar;
    dropPreviews(entry, (preview) => preview.confirmed);
    invalidate(userId, entry);
  }

  /** Brings the confirmed picture on screen, after it is decoded if it takes another one's place. */
  function swap(userId: string, entry: Entry) {
    const avatar = localAvatar(userId, entry.isFollowed);
    if (avatar === undefined) return;
    entry.swaps += 1;
    const swapNumber = entry.swaps;
    const replaces = entry.shown !== null || entry.previews.some((preview) => preview.avatar !== null);
    if (avatar === null || entry.listeners.size === 0 || !replaces) return show(userId, entry, avatar);
    const isLatest = () => entry.swaps === swapNumber;
    // Of changes that come at once only the last is worth loading.
    queueMicrotask(() => {
      if (isLatest()) void decoded(avatar).then(() => isLatest() && show(userId, entry, avatar));
    });
  }

  /** Resolves when the picture can be shown, or when there is no more hope for a smooth change. */
  async function decoded({ url, thumbUrl }: Avatar): Promise<void> {
    for (let tries = 1; tries <= preloadTries; tries += 1) {
      try {
        await Promise.all((thumbUrl === url ? [url] : [thumbUrl, url]).map(settings.preload));
        return;
      } catch (error) {
        logger.debug('unable to decode a picture', error);
        if (tries < preloadTries) await wait(clock, preloadPauseMs * tries);
      }
    }
  }

  return {
    snapshot,
    live: (userId) => entryOf(userId).live,
    watch(userId, listener) {
      const undo = listen(entryOf(userId).listeners, listener);
      if (!table.get(userId)?.name) settings.onWatch(userId);
      return undo;
    },
    pin(userId) {
      entryOf(userId).pinned = snapshot(userId);
    },
    isWatched: (userId) => (entries.get(userId)?.listeners.size ?? 0) > 0,
    changed(userId, field) {
      const entry = entries.get(userId);
      if (!entry) return;
      if (field === 'avatar') swap(userId, entry);
      else invalidate(userId, entry);
    },
    preview(userId, avatar, onGone) {
      const entry = entryOf(userId);
      const state: PreviewState = { avatar, onGone, confirmed: false };
      entry.previews = [...entry.previews, state];
      invalidate(userId, entry);
      return {
        confirm() {
          state.confirmed = true;
          invalidate(userId, entry);
          // The fact may have come, and been shown, before the answer that confirms it.
          swap(userId, entry);
        },
        revert() {
          dropPreviews(entry, (preview) => preview === state);
          invalidate(userId, entry);
        },
      };
    },
  };
}

/** Adds a function of its own, so that one listener may be there twice. */
function listen(listeners: Set<() => void>, listener: () => void): () => void {
  const own = () => listener();
  listeners.add(own);
  return () => void listeners.delete(own);
}

function dropPreviews(entry: Entry, isGone: (preview: PreviewState) => boolean) {
  const gone = entry.previews.filter(isGone);
  entry.previews = entry.previews.filter((preview) => !gone.includes(preview));
  for (const preview of gone) preview.onGone();
}

function compose(
  id: string,
  { shown, previews }: Entry,
  record: UserRecord | undefined,
  status: LoadStatus,
  presence: Presence,
): UserSnapshot {
  const name = nameOf(record);
  const preview = previews.at(-1);
  return Object.freeze({
    id,
    name,
    username: record?.username?.value ?? null,
    initials: initialsOf(name),
    color: colorOf(id),
    avatar: preview ? preview.avatar : shown,
    pending: preview !== undefined && !preview.confirmed,
    presence,
    status,
  });
}

/** By record, which never changes: the event, the snapshot and the next event's "before" ask for the same one. */
const avatars = new WeakMap<ShownRecord, Avatar | null>();

/** A record's picture, safe and cache-busted. */
export function confirmedAvatar(record: ShownRecord | undefined, insecure: boolean): Avatar | null {
  if (!record) return null;
  let avatar = avatars.get(record);
  if (avatar === undefined) {
    avatar = avatarOf(record, insecure);
    avatars.set(record, avatar);
  }
  return avatar;
}

function avatarOf(record: ShownRecord, insecure: boolean): Avatar | null {
  const picture = shownPicture(record);
  if (!picture) return null;
  const url = avatarUrl(picture.url, picture.bust, { insecure });
  const thumbUrl = avatarUrl(picture.thumbUrl, picture.bust, { insecure });
  return url && thumbUrl ? Object.freeze({ url, thumbUrl, version: picture.version }) : null;
}
