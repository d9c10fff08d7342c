import { expect, it } from 'vitest';

it('[EL10] <visavis-avatar> can be imported and defined outside of pages', async () => {
  expect(typeof document).toBe('undefined');
  const { connectVisavis, defineAvatarElement } = await import('../../src/dom/index.ts');
  expect(defineAvatarElement()).toBeUndefined();
  expect(connectVisavis).toBeTypeOf('function');
});
