import type { BrowserContext, Page } from 'playwright';
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
    return this.page.locator('.face:has([data-testid="my-picture-image"])');
  }

  /** The colours of the four quarters of a person's picture as it is on screen, or what is shown instead. */
  async quarters(face = this.own): Promise<string[]> {
    const shows = await face.getAttribute('data-shows');
    if (shows !== 'picture') return [String(shows)];
    const pixels = await face.locator('img').evaluate((image: HTMLImageElement) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 4;
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context || image.naturalWidth === 0) return [];
      context.drawImage(image, 0, 0, 4, 4);
      return [
        [1, 1],
        [2, 1],
        [1, 2],
        [2, 2],
      ].map(([x = 0, y = 0]) => [...context.getImageData(x, y, 1, 1).data]);
    });
    return pixels.map(([red = 0, green = 0, blue = 0]) => nearestQuarter(red, green, blue));
  }

  async shows(colors: readonly string[], face = this.own): Promise<void> {
    await expect.poll(() => this.quarters(face)).toEqual(colors);
  }
}
