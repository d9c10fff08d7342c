/** The script tag's global. */
declare const Visavis: typeof import('../../src/index.ts');

/** Until the DOM library knows it (Trusted Types, W3C). */
declare const trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createScriptURL(url: string): string },
      ): { createScriptURL(url: string): URL };
    }
  | undefined;
