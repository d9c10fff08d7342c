import type { BrowserContext, Page, WebSocketRoute } from 'playwright';
import { expect } from 'vitest';
import { nearestQuarter } from '../support/photo.ts';

/** One window of the example, as one person; keeps everything that a clean page must not have. */
export class Window {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(context: BrowserContext, url: string, userId: string): Promise<Window> {
    const window = new Window(await context.newPage());
    await window.page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`policy violation: ${violatedDirective} ${blockedURI}`);
      });
    });
    await window.page.goto(`${url}/?as=${userId}`);
    await window.isLive();
    return window;
  }

  async isLive(): Promise<void> {
    await expect.poll(() => this.byTestId('status').textContent()).toMatch(/^\s*live\s*$/i);
  }

  /** What a clean page must not have, without the browser's own lines about the network. */
  get faults(): string[] {
    return this.complaints.filter((text) => !/^(Failed to load resource|WebSocket connection to)/.test(text));
  }

  byTestId(id: string) {
    return this.page.getByTestId(id);
  }

  /** Picks a file, crops it as offered and starts the upload. */
  async choose(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.byTestId('file-input').setInputFiles(file);
    await this.byTestId('crop-confirm').click();
  }

  /** The face of a person in the people list. */
  row(userId: string) {
    return this.page.locator(`[data-testid="person"][data-user-id="${userId}"] .face`);
  }

  get own() {
    return this.byTestId('portrait');
  }

  /** The colours of the four quarters of a person's picture as it is on screen, or what is shown instead. */
  async quarters(face = this.own): Promise<string[]> {
    const shown = await face.evaluate((element) => {
      // An element has them in its shadow, and says by its part which of them shows; a component has only what it shows.
      const root = element.shadowRoot ?? element;
      const part = root.querySelector('[part~=face]')?.getAttribute('part');
      const words = part ? (/showing-(\w+)/.exec(part)?.[1] ?? 'nothing') : element.textContent;
      if (words !== 'picture' && words !== '') return part ? words : 'initials';
      const image = root.querySelector('img');
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 4;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context || !image?.naturalWidth) return 'nothing';
      context.drawImage(image, 0, 0, 4, 4);
      return [
        [1, 1],
        [2, 1],
        [1, 2],
        [2, 2],
      ].map(([x = 0, y = 0]) => [...context.getImageData(x, y, 1, 1).data]);
    });
    if (typeof shown === 'string') return [shown];
    return shown.map(([red = 0, green = 0, blue = 0]) => nearestQuarter(red, green, blue));
  }

  async shows(colors: readonly string[], face = this.own): Promise<void> {
    // A face is read when it comes near what is on screen.
    await face.scrollIntoViewIfNeeded();
    await expect.poll(() => this.quarters(face)).toEqual(colors);
  }

  /** A conversation's row in the inbox. */
  conversation(id: string) {
    return this.page.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`);
  }

  /** Opens a conversation, and waits until it shows messages. */
  async talk(id: string): Promise<void> {
    await this.conversation(id).click();
    await this.page.waitForURL(`**/*#c=${id}`);
    await this.byTestId('log').and(this.page.locator('[aria-busy=false]')).waitFor();
  }

  /** Types into the composer and sends with Enter. */
  async write(text: string): Promise<void> {
    await this.byTestId('composer').fill(text);
    await this.byTestId('composer').press('Enter');
  }

  message(text: string) {
    return this.byTestId('message').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** The texts of the open thread, as it shows them. */
  texts(): Promise<string[]> {
    return this.byTestId('message-text').allTextContents();
  }

  /** Resolves when a message of the open thread is in this state. */
  async hasStatus(text: string, status: string): Promise<void> {
    await expect.poll(() => this.message(text).getAttribute('data-status')).toBe(status);
  }

  /** Resolves when the inbox says so many unread messages; 0 for no badge. */
  async hasUnread(id: string, count: number): Promise<void> {
    const badge = this.conversation(id).getByTestId('unread-badge').filter({ visible: true });
    // Waits for no badge: it may go between two questions.
    await expect.poll(() => badge.allTextContents()).toEqual(count === 0 ? [] : [String(count)]);
  }
}

/** A context's line to the server, which can be cut: requests fail, sockets close, and the browser is offline. */
export class Line {
  readonly #context: BrowserContext;
  readonly #sockets = new Set<WebSocketRoute>();
  #isCut = false;
  /** Frames for which this is true do not come in. */
  drop: (frame: string) => boolean = () => false;
  /** Answers a frame in the server's place; `null` loses it. */
  answer: (frame: string) => string | null | undefined = () => undefined;

  private constructor(context: BrowserContext) {
    this.#context = context;
  }

  static async of(context: BrowserContext): Promise<Line> {
    const line = new Line(context);
    await context.route(/\/(api|socket\.io)\//, (route) =>
      line.#isCut ? route.abort('internetdisconnected') : route.fallback(),
    );
    await context.routeWebSocket(/\/socket\.io\//, (socket) => line.#join(socket));
    return line;
  }

  /** @param isTold whether the browser knows that it is offline */
  async cut({ isTold = true } = {}): Promise<void> {
    this.#isCut = true;
    if (isTold) await this.#context.setOffline(true);
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
    this.#sockets.clear();
  }

  async mend(): Promise<void> {
    this.#isCut = false;
    await this.#context.setOffline(false);
  }

  #join(socket: WebSocketRoute) {
    if (this.#isCut) return void socket.close();
    const server = socket.connectToServer();
    this.#sockets.add(socket);
    socket.onMessage((frame) => {
      const answer = this.answer(String(frame));
      if (answer === undefined) server.send(frame);
      else if (answer !== null) socket.send(answer);
    });
    server.onMessage((frame) => {
      if (!this.drop(String(frame))) socket.send(frame);
    });
  }
}
