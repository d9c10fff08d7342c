import type { BrowserContext, Page } from 'playwright';
import { expect } from 'vitest';
import type { VisavisClient } from '../../src/index.ts';
import { nearestQuarter, type Quarter } from '../support/photo.ts';

/** What the test left in the page. */
interface Held {
  readonly Visavis: typeof import('../../src/index.ts') & {
    readonly presets: Readonly<Record<string, import('../../src/index.ts').Preset>>;
  };
  client: VisavisClient;
  progress: { readonly stage: string; readonly loaded: number; readonly total: number }[];
}

export interface WireSettings {
  readonly preset: string;
  readonly userId: string;
  readonly token: string;
  /** Where the backend is. Default: where the page comes from. */
  readonly baseUrl?: string;
  readonly isConnected?: boolean;
}

export interface Uploaded {
  readonly end: string;
  readonly progress: Held['progress'];
}

/** A page with a client of one preset, in the hands of the test. */
export class WirePage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** @param url - a server that has the SDK and any page. */
  static async open(context: BrowserContext, url: string, settings: WireSettings): Promise<WirePage> {
    const page = await context.newPage();
    await page.goto(`${url}/dev/people`);
    await page.addScriptTag({ url: '/visavis/visavis.global.js' });
    await page.evaluate(({ preset, userId, token, baseUrl = '/', isConnected = true }) => {
      const held = window as unknown as Held;
      const chosen = held.Visavis.presets[preset];
      held.client = held.Visavis.createClient({
        baseUrl,
        userId,
        getToken: () => token,
        ...(chosen && { preset: chosen }),
      });
      held.client.users.live('u1').subscribe(() => {});
      if (isConnected) held.client.realtime.connect();
    }, settings);
    const wire = new WirePage(page);
    const wanted = (settings.isConnected ?? true) ? 'live' : 'offline';
    await expect
      .poll(() => wire.page.evaluate(() => (window as unknown as Held).client.realtime.status))
      .toBe(wanted);
    return wire;
  }

  /** Uploads a file from the page, aborted once so much of it is sent; tells how it ended. */
  async upload(file: Buffer, abortAt = Number.POSITIVE_INFINITY): Promise<Uploaded> {
    await this.page.setContent('<input type="file">');
    await this.page
      .locator('input')
      .setInputFiles({ name: 'IMG_0042.jpg', mimeType: 'image/jpeg', buffer: file });
    return this.page.evaluate(async (abortAt) => {
      const held = window as unknown as Held;
      const [file] = document.querySelector('input')?.files ?? [];
      if (!file) throw new Error('there is no file');
      const controller = new AbortController();
      held.progress = [];
      const end = await held.client.avatar
        .upload(file, {
          signal: controller.signal,
          onProgress({ stage, loaded, total, fraction }) {
            held.progress.push({ stage, loaded, total });
            if (stage === 'put' && fraction < 1 && loaded >= abortAt) controller.abort('mine');
          },
        })
        .then(
          ({ url }) => url,
          (error) => String(error),
        );
      return { end, progress: held.progress };
    }, abortAt);
  }

  /** Puts the inbox on screen, whose rows name people and their pictures. */
  async openInbox(): Promise<void> {
    await this.page.evaluate(
      () => void (window as unknown as Held).client.conversations.live().subscribe(() => {}),
    );
  }

  /** The colours of the four quarters of the user's picture as this page shows it, or `initials`. */
  async shown(userId = 'u1'): Promise<Quarter[] | 'initials' | 'broken'> {
    const pixels = await this.page.evaluate(async (userId) => {
      const { avatar } = (window as unknown as Held).client.users.live(userId).getSnapshot();
      if (!avatar) return null;
      const image = new Image();
      image.crossOrigin = 'anonymous';
      image.src = avatar.url;
      await image.decode().catch(() => {});
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 4;
      const context = canvas.getContext('2d');
      if (!context || image.naturalWidth === 0) return [];
      context.drawImage(image, 0, 0, 4, 4);
      const places: [number, number][] = [
        [0, 0],
        [3, 0],
        [0, 3],
        [3, 3],
      ];
      return places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
    }, userId);
    if (pixels === null) return 'initials';
    if (pixels.length === 0) return 'broken';
    return pixels.map(([red = 0, green = 0, blue = 0]) => nearestQuarter(red, green, blue));
  }

  async signOut(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as Held).client.signOut());
  }

  /** Everything of users that the SDK keeps in this browser's local storage. */
  kept(): Promise<string> {
    return this.page.evaluate(() =>
      Object.entries(localStorage)
        .filter(([key]) => key.startsWith('visavis:users:'))
        .map(([, value]) => value)
        .join(),
    );
  }
}
