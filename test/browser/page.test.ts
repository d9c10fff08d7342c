import { expect, it } from 'vitest';
import { watchSleep } from '../../src/lib/page.ts';

it('[TB3] a page that is closed or frozen is asleep, and awake when it runs or is looked at again', () => {
  const told: string[] = [];
  const undo = watchSleep({ onSleep: () => told.push('sleep'), onWake: () => told.push('wake') });
  const look = (visibilityState: DocumentVisibilityState) => {
    Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  };
  window.dispatchEvent(new Event('pagehide'));
  look('hidden');
  expect(told).toEqual(['sleep']);
  look('visible');
  document.dispatchEvent(new Event('freeze'));
  document.dispatchEvent(new Event('resume'));
  window.dispatchEvent(new Event('pageshow'));
  expect(told.slice(1)).toEqual(['wake', 'sleep', 'wake', 'wake']);
  undo();
  look('visible');
  window.dispatchEvent(new Event('pagehide'));
  expect(told).toHaveLength(5);
  Reflect.deleteProperty(document, 'visibilityState');
});
