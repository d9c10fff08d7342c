import { onTestFinished, vi } from 'vitest';

/** A page's local storage for the running test, with what it holds in plain sight. */
export function fakeLocalStorage(): Map<string, string> {
  const held = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return held;
}
