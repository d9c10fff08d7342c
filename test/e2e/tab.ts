import type { BrowserContext, Page } from 'playwright';
import { expect } from 'vitest';
import type { ClientOptions, VisavisClient } from '../../src/index.ts';

/** What the test left in the page. */
interface Held {
  readonly Visavis: typeof import('../../src/index.ts');
  client: VisavisClient;
  /** Statuses with the moments at which they came, in milliseconds since 1970. */
  statuses: { readonly status: string; readonly at: number }[];
  signedOut: string[];
  refreshes: number;
}

export interface TabSettings {
  readonly userId?: string;
  readonly token: string;
  readonly options?: Pick<ClientOptions, 'tabs'>;
  readonly isConnected?: boolean;
}

/** A page with nothing in it but a client, its inbox and one thread, in the hands of the test. */
export class Tab {
  readonly page: Page;
  readonly complaints: string[] = [];
  #sockets = 0;

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('websocket', (socket) => {
      this.#sockets += 1;
      socket.on('close', () => {
        this.#sockets -= 1;
      });
    });
  }

  get hasSocket(): boolean {
    return this.#sockets > 0;
  }

  static async open(context: BrowserContext, url: string, settings: TabSettings): Promise<Tab> {
    const tab = new Tab(await context.newPage());
    // A page that the server sends: to one that the test makes up, a browser would refuse the socket.
    await tab.page.goto(`${url}/dev/people`);
    await tab.page.addScriptTag({ url: '/visavis/visavis.global.js' });
    await tab.start(settings);
    return tab;
  }

  async start({ userId = 'u1', token, options = {}, isConnected = true }: TabSettings): Promise<void> {
    await this.page.evaluate(
      ({ userId, token, options, isConnected }) => {
        const held = window as unknown as Held;
        held.statuses = [];
        held.signedOut = [];
        held.client = held.Visavis.createClient({ baseUrl: '/', userId, getToken: () => token, ...options });
        const { realtime, users, conversations, messages } = held.client;
        realtime.on('statusChanged', ({ status }) => held.statuses.push({ status, at: Date.now() }));
        realtime.on('signedOut', ({ reason }) => held.signedOut.push(reason));
        for (const live of [users.live('u1'), conversations.live(), messages.live('c1')])
          live.subscribe(() => {});
        if (isConnected) realtime.connect();
      },
      { userId, token, options, isConnected },
    );
    await expect.poll(() => this.isReady()).toBe(true);
    if (isConnected) await this.isLive();
  }

  /** Whether the inbox and the thread have been read. */
  isReady(): Promise<boolean> {
    return this.page.evaluate(() => {
      const { conversations, messages } = (window as unknown as Held).client;
      return [conversations.live(), messages.live('c1')].every(
        (live) => live.getSnapshot().status === 'ready',
      );
    });
  }

  async isLive(): Promise<void> {
    await expect.poll(() => this.status()).toBe('live');
  }

  status(): Promise<string> {
    return this.page.evaluate(() => (window as unknown as Held).client.realtime.status);
  }

  /** When it became live after that moment. */
  async liveAfter(moment: number): Promise<number> {
    const find = () =>
      this.page.evaluate((moment) => {
        const { statuses } = window as unknown as Held;
        return statuses.find(({ status, at }) => status === 'live' && at >= moment)?.at ?? null;
      }, moment);
    await expect.poll(find).not.toBeNull();
    return Number(await find());
  }

  /** What is shown: the picture's version, all that is unread, and the thread. */
  shown(): Promise<{ avatar: number | null; unread: number; messages: string[] }> {
    return this.page.evaluate(() => {
      const { users, conversations, messages } = (window as unknown as Held).client;
      return {
        avatar: users.live('u1').getSnapshot().avatar?.version ?? null,
        unread: conversations.live().getSnapshot().totalUnread,
        messages: messages
          .live('c1')
          .getSnapshot()
          .items.flatMap((item) => (item.kind === 'message' ? [item.text] : [])),
      };
    });
  }

  async send(...texts: string[]): Promise<void> {
    await this.page.evaluate(async (texts) => {
      const { messages } = (window as unknown as Held).client;
      await Promise.all(texts.map((text) => messages.send('c1', { text })));
    }, texts);
  }

  async markSeen(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as Held).client.messages.markSeen('c1'));
  }

  /** Uploads a drawn picture; returns its version. */
  upload(): Promise<number | null> {
    return this.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 300);
      canvas.getContext('2d')?.fillRect(0, 0, 150, 150);
      const { avatar } = (window as unknown as Held).client;
      return (await avatar.upload(await canvas.convertToBlob())).version;
    });
  }

  async signOut(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as Held).client.signOut());
  }

  signedOut(): Promise<string[]> {
    return this.page.evaluate(() => (window as unknown as Held).signedOut);
  }

  /** Messages that wait in this browser, whoever wrote them. */
  stored(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('visavis');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const counting = opening.result.transaction('outbox').objectStore('outbox').count();
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        }),
    );
  }

  /** The renderer dies: no code of the page runs any more, not even to say so. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = this.page.waitForEvent('crash');
    void session.send('Page.crash').catch(() => {});
    await crashed;
  }

  /** Runs nothing else for so long, as if it were frozen without a word. */
  async block(ms: number): Promise<void> {
    await this.page.evaluate((ms) => {
      const end = Date.now() + ms;
      setTimeout(() => {
        while (Date.now() < end);
      });
    }, ms);
  }

  /** Tells the page that it is about to be frozen, or runs again. */
  async tell(event: 'freeze' | 'resume'): Promise<void> {
    await this.page.evaluate((event) => void document.dispatchEvent(new Event(event)), event);
  }
}
