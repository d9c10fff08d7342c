import { type Browser, type BrowserContext, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { history, type Person, person } from '../server/chat-support.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Tab, type TabSettings } from './tab.ts';
import { Line } from './window.ts';

let browser: Browser;
let server: ReferenceServer;
let context: BrowserContext;
let jonas: Person;
let token: string;
let tabs: Tab[] = [];

beforeAll(async () => {
  server = new ReferenceServer({ VISAVIS_MESSAGES_PER_10S: '1000' });
  await server.start();
  jonas = await person(server, 'u2');
  token = await server.login('u1');
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ bypassCSP: true });
});
afterEach(async () => {
  const complaints = tabs.flatMap((tab) => tab.complaints);
  tabs = [];
  await context.close();
  await expect.poll(sockets).toBe(0);
  expect(complaints).toEqual([]);
});

async function open(settings: Partial<TabSettings> = {}) {
  const tab = await Tab.open(context, server.url, { token, ...settings });
  tabs.push(tab);
  return tab;
}

/** Connections that the server has, of everybody. */
async function sockets(): Promise<number> {
  const response = await fetch(`${server.url}/test-socket`);
  return (await response.json()).sockets;
}

async function stored(): Promise<string[]> {
  return (await history(jonas, 'c1')).map(({ content }) => content);
}

/** All tabs show the same, and that. */
async function allShow(these: readonly Tab[], expected: object) {
  for (const tab of these) await expect.poll(() => tab.shown()).toMatchObject(expected);
}

describe('three tabs', () => {
  it('[TB1] have one connection, and show the same', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    expect(await sockets()).toBe(1);
    const { unread } = await first.shown();
    await jonas.send('c1', 'to all of you');
    await allShow([first, second, third], {
      unread: unread + 1,
      messages: expect.arrayContaining(['to all of you']),
    });
    await third.markSeen();
    await allShow([first, second, third], { unread: 2 });
    const version = await second.upload();
    await allShow([first, second, third], { avatar: version });
    expect(await sockets()).toBe(1);
  });

  it('[TB2] are live again at once when the one with the connection is closed', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const closedAt = Date.now();
    await first.page.close();
    const times = [await second.liveAfter(closedAt), await third.liveAfter(closedAt)];
    console.log(`closed: live again after ${times.map((at) => at - closedAt).join(' and ')} ms`);
    expect(await sockets()).toBe(1);
    await jonas.send('c1', 'still there?');
    await allShow([second, third], { messages: expect.arrayContaining(['still there?']) });
  });

  it('[TB2] are live again at once when the one with the connection crashes', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const crashedAt = Date.now();
    await first.crash();
    const times = [await second.liveAfter(crashedAt), await third.liveAfter(crashedAt)];
    console.log(`crashed: live again after ${times.map((at) => at - crashedAt).join(' and ')} ms`);
    await expect.poll(sockets).toBe(1);
    await jonas.send('c1', 'still there?');
    await allShow([second, third], { messages: expect.arrayContaining(['still there?']) });
  });

  it('[TB3] are live again when the one with the connection is told that it will be frozen', async () => {
    const [first, second] = [await open(), await open()];
    const frozenAt = Date.now();
    await first.tell('freeze');
    console.log(`frozen: live again after ${(await second.liveAfter(frozenAt)) - frozenAt} ms`);
    await first.tell('resume');
    await first.isLive();
    await jonas.send('c1', 'awake?');
    await allShow([first, second], { messages: expect.arrayContaining(['awake?']) });
    await expect.poll(async () => [await sockets(), first.hasSocket]).toEqual([1, false]);
  });

  it('[TB3] are live again when the one with the connection does not answer, and all when it does', async () => {
    const [first, second] = [await open(), await open()];
    const blockedAt = Date.now();
    await first.block(12_000);
    console.log(`blocked: live again after ${(await second.liveAfter(blockedAt)) - blockedAt} ms`);
    await expect.poll(sockets).toBe(1);
    await expect.poll(() => [first.hasSocket, second.hasSocket]).toEqual([false, true]);
    await jonas.send('c1', 'awake?');
    await allShow([first, second], { messages: expect.arrayContaining(['awake?']) });
  });

  it('[TB7] send what waits once, when the one that sends is gone in the middle of it', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const texts = (name: string) => Array.from({ length: 10 }, (_, i) => `${name} ${i}`);
    await Promise.all([second.send(...texts('second')), third.send(...texts('third')), first.crash()]);
    await Promise.all([second.send(...texts('later')), third.send(...texts('last'))]);
    await allShow([second, third], { messages: expect.arrayContaining(texts('last')) });
    await expect.poll(() => second.stored()).toBe(0);
    const rows = await stored();
    for (const name of ['second', 'third', 'later', 'last']) {
      expect(rows.filter((text) => text.startsWith(`${name} `))).toEqual(texts(name));
    }
    const { messages } = await second.shown();
    expect(await third.shown()).toMatchObject({ messages });
  });

  it('[TB12] have a connection each where the app wants that', async () => {
    for (let i = 0; i < 3; i += 1) await open({ options: { tabs: false } });
    expect(await sockets()).toBe(3);
  });

  it('[TB11] are signed out together, and keep nothing', async () => {
    const line = await Line.of(context);
    const [first, second] = [await open(), await open()];
    const other = await open({ userId: 'u2', token: jonas.token });
    await line.cut();
    await first.send('never to be sent');
    await other.send('kept');
    expect(await first.stored()).toBe(2);
    await second.signOut();
    await expect.poll(() => first.signedOut()).toEqual(['signedOut']);
    expect([await second.signedOut(), await other.signedOut()]).toEqual([['signedOut'], []]);
    await expect.poll(() => first.stored()).toBe(1);
    await line.mend();
    await other.isLive();
    expect(await sockets()).toBe(1);
    expect(await stored()).not.toContain('never to be sent');
  });
});

describe('what is done in one tab', () => {
  it('[TB5] shows in the others while the backend tells nothing', async () => {
    const line = await Line.of(context);
    line.drop = (frame) => frame.startsWith('42');
    const [first, second] = [await open(), await open({ isConnected: false })];
    expect((await second.shown()).unread).toBeGreaterThan(2);
    await first.markSeen();
    await first.send('from the first');
    await second.send('from the second');
    const avatar = await second.upload();
    const doneAt = Date.now();
    const messages = expect.arrayContaining(['from the first', 'from the second']);
    await allShow([first, second], { avatar, unread: 2, messages });
    console.log(`silent backend: the same in both after ${Date.now() - doneAt} ms`);
    expect(await first.shown()).toEqual(await second.shown());
  });
});

describe('two people in one browser', () => {
  it('[TB14] stay apart', async () => {
    const [mine, theirs] = [await open(), await open({ userId: 'u2', token: jonas.token })];
    expect(await sockets()).toBe(2);
    await context.setOffline(true);
    await mine.send('from Maya');
    await theirs.send('from Jonas');
    await mine.page.close();
    await context.setOffline(false);
    await allShow([theirs], { messages: expect.arrayContaining(['from Jonas']) });
    const back = await open();
    await allShow([back, theirs], { messages: expect.arrayContaining(['from Jonas', 'from Maya']) });
    const senders = (await history(jonas, 'c1')).map(({ content, sender_id }) => `${sender_id}: ${content}`);
    expect(senders).toEqual(expect.arrayContaining(['u1: from Maya', 'u2: from Jonas']));
  });
});

describe('a browser', () => {
  for (const [name, script] of [
    ['without BroadcastChannel', 'delete globalThis.BroadcastChannel'],
    ['without Web Locks', 'delete Navigator.prototype.locks'],
    ['without both', 'delete globalThis.BroadcastChannel; delete Navigator.prototype.locks'],
  ] as const) {
    it(`[TB13] ${name} has one connection all the same, and another when its tab is gone`, async () => {
      await context.addInitScript(script);
      const [first, second, third] = [await open(), await open(), await open()];
      await expect.poll(sockets).toBe(1);
      await third.send('once');
      await allShow([first, second, third], { messages: expect.arrayContaining(['once']) });
      const closedAt = Date.now();
      await first.page.close({ runBeforeUnload: true });
      const times = [await second.liveAfter(closedAt), await third.liveAfter(closedAt)];
      console.log(`${name}, closed: live again after ${times.map((at) => at - closedAt).join(' and ')} ms`);
      const [next, last] = second.hasSocket ? [second, third] : [third, second];
      const crashedAt = Date.now();
      await next.crash();
      console.log(`${name}, crashed: live again after ${(await last.liveAfter(crashedAt)) - crashedAt} ms`);
      await expect.poll(sockets).toBe(1);
      await last.send('twice');
      await expect.poll(stored).toEqual(expect.arrayContaining(['once', 'twice']));
    });
  }

  it('[TB13] that offers nothing has a connection for each tab', async () => {
    await context.addInitScript('delete globalThis.BroadcastChannel; delete Navigator.prototype.locks');
    await context.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })",
    );
    await open();
    await open();
    expect(await sockets()).toBe(2);
  });
});
