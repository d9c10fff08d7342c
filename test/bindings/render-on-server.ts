import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BrowserCommand } from 'vitest/node';

/** What a server hands to the page: HTML, and what its client held. Both as text. */
export interface RenderedPage {
  readonly html: string;
  readonly state: string;
}

/** Renders the page of a framework in a Node of its own, where there is no window. */
export const renderOnServer: BrowserCommand<[framework: 'react' | 'vue']> = async (_, framework) => {
  const script = new URL(`./${framework}-server.ts`, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  return JSON.parse(stdout) as RenderedPage;
};

declare module 'vitest/browser' {
  interface BrowserCommands {
    renderOnServer(framework: 'react' | 'vue'): Promise<RenderedPage>;
  }
}
