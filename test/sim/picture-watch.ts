import type { VisavisClient } from '../../src/client.ts';
import type { UserSnapshot } from '../../src/models.ts';
import type { WireLevel } from '../../src/testing/index.ts';
import type { Findings } from './findings.ts';

/** Holds one page's view of one user against I7: what is shown never goes back. */
export class PictureWatch {
  readonly live: ReturnType<VisavisClient['users']['live']>;
  readonly #findings: Findings;
  readonly #level: WireLevel;
  readonly #where: string;
  #highest = 0;
  /** The highest version that a confirmed "no picture" took the place of. */
  #deleted = 0;
  readonly shown: string[] = [];

  constructor(
    client: VisavisClient,
    userId: string,
    settings: { findings: Findings; level: WireLevel; where: string },
  ) {
    this.live = client.users.live(userId);
    this.#findings = settings.findings;
    this.#level = settings.level;
    this.#where = `${settings.where} of ${userId}`;
    this.live.subscribe(() => this.look());
  }

  look(): void {
    const snapshot = this.live.getSnapshot();
    this.#findings.expect(
      snapshot === this.live.getSnapshot() && Object.isFrozen(snapshot),
      'I14',
      () => `${this.#where}: the snapshot is not stable`,
    );
    this.shown.push(label(snapshot));
    if (snapshot.pending || snapshot.status !== 'ready' || this.#level < 2) return;
    const { avatar } = snapshot;
    if (avatar === null) {
      this.#deleted = this.#highest;
      return;
    }
    // A preview that stays until the published picture is decoded.
    if (avatar.version === null) return;
    const { version } = avatar;
    this.#findings.expect(
      version >= this.#highest && version > this.#deleted,
      'I7',
      () =>
        `${this.#where}: version ${version} is shown after ${this.#highest}` +
        `${this.#deleted ? ` and a delete of ${this.#deleted}` : ''} (${this.shown.slice(-6).join(' → ')})`,
    );
    this.#highest = Math.max(this.#highest, version);
  }
}

function label({ avatar, pending, status }: UserSnapshot): string {
  const picture = avatar === null ? 'none' : avatar.version === null ? 'preview' : `v${avatar.version}`;
  return `${picture}${pending ? ' (pending)' : ''}${status === 'ready' ? '' : ` ${status}`}`;
}
