declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the browser for end-to-end tests. */
    chromium: string;
  }
}

export {};
