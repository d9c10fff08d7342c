import { UploadError } from '../../src/errors.ts';
import type { Avatar, UploadProgress } from '../../src/models.ts';
import type { Page } from './page.ts';
import type { World } from './world.ts';

/** A change of one's own picture that somebody started. */
interface PictureChange {
  readonly page: Page;
  readonly userId: string;
  readonly kind: 'upload' | 'delete';
  readonly abort: AbortController;
  abortedAt: number | null;
  /** How often it ended, and when it last did. */
  ends: number;
  endedAt: number;
  avatar: Avatar | null;
  outcome: string;
  progress: UploadProgress | null;
}

const file = new Blob(['a photo']);
const trafficAfterCancelMs = 100;
const avatarTraffic = /\/avatar\/(?:presign|complete)|^\/staged\//;

/** Starts changes of pictures and holds them against I13. */
export class Uploads {
  readonly #world: World;
  readonly #changes: PictureChange[] = [];
  readonly #touched = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  upload(page: Page): string {
    const change = this.#begin(page, 'upload');
    const number = this.#changes.length;
    const { findings } = this.#world;
    page.client.avatar
      .upload(file, {
        signal: change.abort.signal,
        onProgress(progress) {
          const before = change.progress;
          change.progress = progress;
          findings.expect(
            !before || progress.fraction >= before.fraction,
            'I13',
            () => `upload ${number}: progress falls from ${before?.fraction} to ${progress.fraction}`,
          );
          findings.expect(change.ends === 0, 'I13', () => `upload ${number}: progress after its end`);
        },
      })
      .then(
        (avatar) => {
          change.avatar = avatar;
          this.#end(change, 'done');
        },
        (error: unknown) => this.#end(change, describe(error)),
      );
    return `starts upload ${number}`;
  }

  remove(page: Page): string {
    const change = this.#begin(page, 'delete');
    page.client.avatar.delete().then(
      () => this.#end(change, 'done'),
      (error: unknown) => this.#end(change, describe(error)),
    );
    return `starts delete ${this.#changes.length}`;
  }

  /** A program changes the user's picture. */
  elsewhere(userId: string): string {
    const { robots, random } = this.#world;
    const count = 1 + random.below(3);
    this.#touched.add(userId);
    robots
      .get(userId)
      ?.changePictures(count)
      .catch(() => {});
    return `sees a program change the picture of ${userId} ${count} times`;
  }

  cancel(page: Page): string | null {
    const change = this.#changes.findLast((known) => known.page === page && known.ends === 0);
    if (change?.kind !== 'upload') return null;
    change.abortedAt ??= this.#world.clock.now();
    change.abort.abort(new DOMException('the user changed their mind', 'AbortError'));
    return `cancels upload ${this.#changes.indexOf(change) + 1}`;
  }

  /** After heal + T. */
  check(): void {
    const { findings } = this.#world;
    for (const [index, change] of this.#changes.entries()) {
      if (!change.page.isAlive) continue;
      const what = `${change.kind} ${index + 1} on ${change.page.name}`;
      findings.expect(change.ends === 1, 'I13', () => `${what} ended ${change.ends} times`);
      this.#checkTraffic(change, what);
    }
    if (this.#world.level === 2) this.#checkLastStarted();
  }

  #checkTraffic(change: PictureChange, what: string) {
    const { page, abortedAt } = change;
    if (abortedAt === null) return;
    // Another tab of the device may be in the middle of its own.
    const mayAsk = (other: PictureChange) =>
      other !== change && other.page.device === page.device && other.endedAt >= abortedAt;
    const next = this.#world.backend.journal.requests.find(
      ({ at, deviceId, path }) =>
        deviceId === page.device.deviceId &&
        at > abortedAt + trafficAfterCancelMs &&
        at < abortedAt + 1_000 &&
        avatarTraffic.test(path) &&
        !this.#changes.some(mayAsk),
    );
    this.#world.findings.expect(!next, 'I13', () => `${what}: ${next?.path} goes out after its cancel`);
  }

  /** Where all changes of a user came from one page, the last started that succeeded is what is there. */
  #checkLastStarted() {
    const { truth } = this.#world.backend;
    for (const userId of truth.users.keys()) {
      const changes = this.#changes.filter((change) => change.userId === userId);
      const last = changes.at(-1);
      if (this.#touched.has(userId)) continue;
      if (last?.outcome !== 'done' || changes.some(({ page }) => page !== last.page)) continue;
      const key = truth.users.get(userId)?.avatarKey ?? null;
      const isThere = last.avatar === null ? key === null : key !== null && last.avatar.url.includes(key);
      this.#world.findings.expect(
        isThere,
        'I13',
        () => `the last ${last.kind} of ${userId} succeeded, but the backend has ${key ?? 'no picture'}`,
      );
    }
  }

  #begin(page: Page, kind: PictureChange['kind']): PictureChange {
    const change: PictureChange = {
      page,
      userId: page.device.userId,
      kind,
      abort: new AbortController(),
      abortedAt: null,
      ends: 0,
      endedAt: Number.POSITIVE_INFINITY,
      avatar: null,
      outcome: 'running',
      progress: null,
    };
    this.#changes.push(change);
    return change;
  }

  #end(change: PictureChange, outcome: string) {
    change.ends += 1;
    change.endedAt = this.#world.clock.now();
    change.outcome = outcome;
    this.#world.note(`${change.page.name} ${change.kind} ${this.#changes.indexOf(change) + 1}: ${outcome}`);
  }
}

function describe(error: unknown): string {
  if (error instanceof UploadError) return `${error.code} in ${error.stage}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
