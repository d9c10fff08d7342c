import { type Browser, type BrowserContext, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { person } from '../server/chat-support.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Line, Window } from './window.ts';

let browser: Browser;
let server: ReferenceServer;
let contexts: BrowserContext[] = [];
let windows: Window[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = new ReferenceServer({ VISAVIS_MESSAGES_PER_10S: '1000' });
  await server.start();
});
afterEach(async () => {
  const faults = windows.flatMap((window) => window.faults);
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
  windows = [];
  await server.stop();
  expect(faults).toEqual([]);
});

async function context() {
  const made = await browser.newContext();
  contexts.push(made);
  return made;
}

async function open(userId: string, where?: BrowserContext) {
  const window = await Window.open(where ?? (await context()), server.url, userId);
  windows.push(window);
  return window;
}

const zoe = 'u3';
/** Of u1 and u3; of u1 and u2. */
const [direct, campaign] = ['c3', 'c1'];

describe('a conversation', () => {
  it('[E8] goes both ways, and counts and marks are right in every tab', async () => {
    const mine = await context();
    const first = await open('u1', mine);
    const second = await open('u1', mine);
    const theirs = await open(zoe);
    const jonas = await person(server, 'u2');
    await first.talk(direct);
    await theirs.talk(direct);

    await first.write('Buns at ten?');
    await expect.poll(() => theirs.texts()).toContain('Buns at ten?');
    await first.hasStatus('Buns at ten?', 'seen');
    const preview = second.conversation(direct).getByTestId('preview');
    await expect.poll(() => preview.textContent()).toBe('You: Buns at ten?');

    await theirs.write('I am there already');
    await expect.poll(() => first.texts()).toContain('I am there already');
    await theirs.hasStatus('I am there already', 'seen');
    await second.hasUnread(direct, 0);

    await jonas.send(campaign, 'One more thing');
    for (const window of [first, second]) {
      await window.hasUnread(campaign, 3);
      expect(await window.byTestId('total-unread').textContent()).toBe('5');
      expect(await window.page.title()).toBe('(5) visavis');
    }
    await second.talk(campaign);
    for (const window of [first, second]) {
      await window.hasUnread(campaign, 0);
      await expect.poll(() => window.page.title()).toBe('(2) visavis');
    }
    // The windows show it before the server was told.
    await expect
      .poll(async () => {
        const { body } = await jonas.get(`/api/conversations/${campaign}`);
        return body.conversation.last_seq - body.conversation.other_read_seq;
      })
      .toBe(0);
  });

  it('[E9] says who is typing, in thread and inbox, and stops by itself', async () => {
    const theirs = await context();
    const line = await Line.of(theirs);
    const zoes = await open(zoe, theirs);
    const mayas = await open('u1');
    await mayas.talk(direct);
    await zoes.talk(direct);
    await zoes.byTestId('composer').pressSequentially('Hm');
    await expect.poll(() => mayas.byTestId('typing').textContent()).toBe('Zoë Ångström is typing…');
    const preview = mayas.conversation(direct).getByTestId('preview');
    expect(await preview.textContent()).toBe('typing…');
    // Gone without a word: nothing tells that the typing ended.
    line.answer = () => null;
    await expect.poll(() => mayas.byTestId('typing').textContent()).toBe('');
    expect(await preview.textContent()).toMatch(/^You: Thursday/);
  });

  it('[E10] shows a new picture in bubbles, head and inbox at once', async () => {
    const zoes = await open(zoe);
    const mayas = await open('u1');
    await zoes.talk(direct);
    await mayas.talk(direct);
    await mayas.choose({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: await phonePhoto() });
    const own = mayas.page.locator('.message[data-own=true] visavis-avatar').first();
    const theirs = zoes.page.locator('.message[data-own=false] visavis-avatar').first();
    await mayas.shows(quarters, own);
    await zoes.shows(quarters, theirs);
    await zoes.shows(quarters, zoes.conversation(direct).locator('visavis-avatar'));
    await zoes.shows(quarters, zoes.page.locator('.chat-head visavis-avatar'));
  });

  it('[E11] loads older messages while one reads, without moving what is read', async () => {
    const [maya, zoes] = [await person(server, 'u1'), await open(zoe)];
    for (let number = 1; number <= 60; number += 1) await maya.send(direct, `line ${number}`);
    await zoes.hasUnread(direct, 61);
    await zoes.talk(direct);
    const log = zoes.byTestId('log');
    await zoes.message('line 60').waitFor();
    await zoes.message('line 60').evaluate((element) => element.classList.add('is-kept'));
    const top = (text: string) =>
      zoes.message(text).evaluate((element) => element.getBoundingClientRect().top);

    await log.evaluate((element) => element.scrollTo(0, 300));
    const before = await top('line 30');
    await expect.poll(() => zoes.message('line 1').count()).toBe(1);
    expect(Math.abs((await top('line 30')) - before)).toBeLessThan(1);

    await maya.send(direct, 'the newest');
    await expect.poll(() => zoes.byTestId('jump-latest').textContent()).toMatch(/1 new/);
    expect(Math.abs((await top('line 30')) - before)).toBeLessThan(1);
    await zoes.byTestId('jump-latest').click();
    await expect.poll(() => zoes.byTestId('jump-latest').isVisible()).toBe(false);
    await expect.poll(() => zoes.texts().then((texts) => texts.at(-1))).toBe('the newest');
    // The same element all along.
    expect(await zoes.message('line 60').getAttribute('class')).toContain('is-kept');
  });

  it('[E12] takes back an own message everywhere', async () => {
    const zoes = await open(zoe);
    const mayas = await open('u1');
    await mayas.talk(direct);
    await zoes.talk(direct);
    await mayas.write('Sent too soon');
    await mayas.hasStatus('Sent too soon', 'seen');
    await mayas.message('Sent too soon').hover();
    await mayas.message('Sent too soon').getByTestId('delete-message').click();
    await mayas.byTestId('unsend-confirm').click();
    for (const window of [mayas, zoes]) {
      await expect.poll(() => window.texts().then((texts) => texts.at(-1))).toBe('Message deleted');
    }
  });

  it('[E13] goes back and forth on a phone, and by keys', async () => {
    const phone = await browser.newContext({ viewport: { width: 360, height: 720 } });
    contexts.push(phone);
    const mayas = await open('u1', phone);
    const at = () => new URL(mayas.page.url()).hash;
    await mayas.conversation(campaign).focus();
    await mayas.page.keyboard.press('ArrowDown');
    await mayas.page.keyboard.press('Enter');
    await expect.poll(at).toBe('#c=c2');
    await expect.poll(() => mayas.byTestId('inbox').isVisible()).toBe(false);
    await mayas.page.goBack();
    await expect.poll(() => mayas.byTestId('inbox').isVisible()).toBe(true);
    expect(
      await mayas.page.evaluate(() => document.activeElement?.getAttribute('data-conversation-id')),
    ).toBe('c2');
    await mayas.talk(direct);
    await mayas.byTestId('back').click();
    await expect.poll(at).toBe('');
    await mayas.byTestId('open-profile').click();
    await expect.poll(() => mayas.byTestId('change').isVisible()).toBe(true);
  });
});
