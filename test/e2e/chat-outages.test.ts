import { type Browser, type BrowserContext, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { history, type Person, person } from '../server/chat-support.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Line, Window } from './window.ts';

/** Of u1 and u3. */
const direct = 'c3';

let browser: Browser;
let server: ReferenceServer;
let context: BrowserContext;
let line: Line;
let maya: Window;
let zoe: Person;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = new ReferenceServer({ VISAVIS_MESSAGES_PER_10S: '1000' });
  await server.start();
  context = await browser.newContext();
  line = await Line.of(context);
  maya = await Window.open(context, server.url, 'u1');
  zoe = await person(server, 'u3');
});
afterEach(async () => {
  const { faults } = maya;
  await context.close();
  await server.stop();
  expect(faults).toEqual([]);
});

/** How often the backend has this message. */
async function timesStored(text: string) {
  return (await history(zoe, direct)).filter(({ content }) => content === text).length;
}

/** People u1 has no conversation with. */
const strangers = 5;

const numbers = (name: string) => Array.from({ length: 20 }, (_, index) => `${name} ${index + 1}`);

describe('an outage', () => {
  it('[E14] is made up for in few requests: 60 messages in 3 of 45 conversations', async () => {
    const jonas = await person(server, 'u2');
    const ids: string[] = [];
    for (let bid = 1; bid <= 41; bid += 1) {
      const wish = { receiver_id: 'u1', conversation_type: 'bid', bid_id: `bid-${bid}` };
      ids.push((await jonas.post('/api/conversations', wish)).body.conversation.id);
    }
    await expect.poll(() => maya.byTestId('conversation-row').count()).toBe(45);
    const [one = '', two = '', three = ''] = ids;
    await maya.talk(one);
    await line.cut();
    await expect.poll(() => maya.byTestId('banner').isVisible()).toBe(true);
    expect(await maya.byTestId('banner').textContent()).toMatch(/offline/);
    for (const id of [one, two, three]) for (const text of numbers(id)) await jonas.send(id, text);

    const requests: string[] = [];
    maya.page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) requests.push(`${request.method()} ${pathname}`);
    });
    await line.mend();
    await maya.isLive();
    await expect.poll(() => maya.texts()).toEqual(numbers(one));
    await maya.hasUnread(two, 20);
    await maya.hasUnread(three, 20);
    await maya.hasUnread(one, 0);
    // The feed and the own mark. Beside them the page's people list reads whom it shows and the feed does not cover.
    const ofChat = requests.filter((request) => !request.includes('/api/users/'));
    expect(ofChat.length, ofChat.join(', ')).toBeLessThanOrEqual(3);
    expect(requests.length - ofChat.length).toBeLessThanOrEqual(strangers);
    expect(await maya.byTestId('banner').isVisible()).toBe(false);
    for (const id of [two, three]) {
      await maya.talk(id);
      await expect.poll(() => maya.texts()).toEqual(numbers(id));
    }
  });

  it('[E15] keeps what is written over a reload, and sends it once', async () => {
    await maya.talk(direct);
    await line.cut({ isTold: false });
    await maya.write('Written in a tunnel');
    expect(await maya.message('Written in a tunnel').getAttribute('data-status')).toMatch(/queued|sending/);
    await maya.page.reload();
    await maya.message('Written in a tunnel').waitFor();
    expect(await timesStored('Written in a tunnel')).toBe(0);
    await line.mend();
    await maya.hasStatus('Written in a tunnel', 'sent');
    expect(await timesStored('Written in a tunnel')).toBe(1);
    expect(await maya.message('Written in a tunnel').count()).toBe(1);
  });

  it('[E16] between commit and answer does not double a message', async () => {
    await maya.talk(direct);
    line.drop = () => true;
    await maya.write('Sent on the edge');
    await expect.poll(() => timesStored('Sent on the edge')).toBe(1);
    expect(await maya.message('Sent on the edge').getAttribute('data-status')).toBe('sending');
    await server.kill();
    line.drop = () => false;
    await server.start();
    await maya.hasStatus('Sent on the edge', 'sent');
    expect(await timesStored('Sent on the edge')).toBe(1);
    expect(await maya.message('Sent on the edge').count()).toBe(1);
  });
});
