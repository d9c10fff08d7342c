import { type Browser, type BrowserContext, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { history, person } from '../server/chat-support.ts';
import { flawsOf } from '../support/axe.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Line, Window } from './window.ts';

const other = ['yellow', 'blue', 'green', 'red'] as const;
const [maya, zoe, zoesName] = ['u1', 'u3', 'Zoë Ångström'];
/** Of u1 and u3; of u1 and u2. */
const [direct, campaign] = ['c3', 'c1'];

/** The same tests for the same page, whatever it is made with. */
export function describeMessenger(name: string, path: string): void {
  describe(`The messenger: ${name}`, () => {
    let browser: Browser;
    let server: ReferenceServer;
    let photos: Readonly<Record<'first' | 'second', { name: string; mimeType: string; buffer: Buffer }>>;
    let contexts: BrowserContext[] = [];
    let windows: Window[] = [];

    beforeAll(async () => {
      const [first, second] = await Promise.all([phonePhoto(quarters, 900), phonePhoto(other, 900)]);
      const jpeg = { name: 'IMG_0042.jpg', mimeType: 'image/jpeg' };
      photos = { first: { ...jpeg, buffer: first }, second: { ...jpeg, buffer: second } };
      browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
      server = new ReferenceServer({ VISAVIS_MESSAGES_PER_10S: '1000' });
      await server.start();
    });
    afterAll(async () => {
      await browser.close();
      await server.stop();
    });
    afterEach(async () => {
      const faults = windows.flatMap((window) => window.faults);
      await Promise.all(contexts.map((context) => context.close()));
      contexts = [];
      windows = [];
      expect(faults).toEqual([]);
    });

    async function context(options = {}) {
      const made = await browser.newContext(options);
      contexts.push(made);
      return made;
    }

    async function open(userId: string, where?: BrowserContext) {
      const window = await Window.open(where ?? (await context()), server.url + path, userId);
      windows.push(window);
      return window;
    }

    /** How often the backend has this message. */
    async function timesStored(text: string) {
      const rows = await history(await person(server, zoe), direct);
      return rows.filter(({ content }) => content === text).length;
    }

    it('[E8] carries a conversation both ways, with counts and marks right in every tab', async () => {
      const mine = await context();
      const first = await open(maya, mine);
      const second = await open(maya, mine);
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
      expect(await second.byTestId('day').last().textContent()).toMatch(/^\s*New · /);
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

    it('[E9] says who is there and who is typing, in thread and inbox, and stops by itself', async () => {
      const theirs = await context();
      const line = await Line.of(theirs);
      const mayas = await open(maya);
      await mayas.talk(direct);
      const preview = mayas.conversation(direct).getByTestId('preview');
      const before = await preview.textContent();
      const zoes = await open(zoe, theirs);
      await expect.poll(() => mayas.byTestId('chat-line').textContent()).toContain('Online');
      await zoes.talk(direct);
      await zoes.byTestId('composer').pressSequentially('Hm');
      await expect.poll(() => mayas.byTestId('typing').textContent()).toBe(`${zoesName} is typing…`);
      expect(await preview.textContent()).toBe('typing…');
      // Gone without a word: nothing tells that the typing ended.
      line.answer = () => null;
      await expect.poll(() => mayas.byTestId('typing').textContent()).toBe('');
      expect(await preview.textContent()).toBe(before);
    });

    it('[E10] shows a new picture, framed by keys, in every place of every window, and initials when it is deleted', async () => {
      const mine = await context();
      const mayas = await open(maya, mine);
      const second = await open(maya, mine);
      const zoes = await open(zoe);
      await zoes.talk(direct);
      await mayas.talk(direct);

      await mayas.byTestId('file-input').setInputFiles(photos.first);
      await mayas.byTestId('crop-dialog').waitFor();
      const { keyboard } = mayas.page;
      await expect
        .poll(() => mayas.page.evaluate(() => document.activeElement?.getAttribute('data-testid')))
        .toBe('crop-stage');
      const zoom = mayas.byTestId('crop-zoom');
      await keyboard.press('+');
      expect(Number(await zoom.inputValue())).toBeGreaterThan(0);
      await zoom.press('End');
      await mayas.byTestId('crop-stage').focus();
      for (let press = 0; press < 6; press += 1) {
        await keyboard.press('Shift+ArrowLeft');
        await keyboard.press('Shift+ArrowUp');
      }
      await mayas.byTestId('crop-confirm').press('Enter');

      // The picture goes with the keys, so the frame lies at the other end.
      const corner = Array(4).fill(quarters[3]);
      await mayas.shows(corner);
      await second.shows(corner);
      await mayas.shows(corner, mayas.page.locator('.message[data-own=true] .face').first());
      await zoes.shows(corner, zoes.page.locator('.message[data-own=false] .face').first());
      await zoes.shows(corner, zoes.conversation(direct).locator('.face'));
      await zoes.shows(corner, zoes.page.locator('.chat-head .face'));
      await zoes.shows(corner, zoes.row(maya));
      await expect.poll(() => mayas.byTestId('note').textContent()).toMatch(/^Saved/);

      await mayas.byTestId('delete').click();
      await mayas.byTestId('delete-cancel').press('Escape');
      await mayas.byTestId('delete').click();
      await mayas.byTestId('delete-confirm').click();
      await mayas.shows(['initials']);
      await second.shows(['initials']);
      await zoes.shows(['initials'], zoes.conversation(direct).locator('.face'));
      expect(await mayas.byTestId('delete').isDisabled()).toBe(true);
    });

    it('[E6] returns to the old picture when an upload is cancelled, refused or fails, and says why', async () => {
      const mayas = await open(maya);
      const error = mayas.byTestId('error');
      await mayas.choose(photos.first);
      await mayas.shows(quarters);
      await expect.poll(() => mayas.byTestId('note').textContent()).toMatch(/^Saved/);

      await mayas.page.route('**/complete', () => {});
      await mayas.choose(photos.second);
      await mayas.shows(other);
      await mayas.byTestId('cancel').click();
      await mayas.shows(quarters);
      await expect.poll(() => mayas.byTestId('note').textContent()).toMatch(/^Stopped/);
      await mayas.page.unroute('**/complete');

      await mayas.page.route('**/complete', (route) => route.fulfill({ status: 403, body: '{}' }));
      await mayas.choose(photos.second);
      await expect.poll(() => error.textContent()).toMatch(/may not change/);
      await mayas.shows(quarters);
      await mayas.byTestId('error-dismiss').click();
      await mayas.page.unroute('**/complete');

      const text = { name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture at all') };
      await mayas.byTestId('file-input').setInputFiles(text);
      await expect.poll(() => error.textContent()).toMatch(/not a picture/);
      expect(await mayas.byTestId('crop-dialog').isVisible()).toBe(false);

      const torn = { ...photos.second, buffer: photos.second.buffer.subarray(0, 3_000) };
      await mayas.byTestId('file-input').setInputFiles(torn);
      await expect.poll(() => error.textContent()).toMatch(/damaged/);
      await expect.poll(() => mayas.byTestId('crop-dialog').isVisible()).toBe(false);
      await mayas.shows(quarters);
    });

    it('[E11] loads older messages while one reads, without moving what is read', async () => {
      const [sender, zoes] = [await person(server, maya), await open(zoe)];
      for (let number = 1; number <= 60; number += 1) await sender.send(direct, `line ${number}`);
      await expect.poll(() => zoes.conversation(direct).getByTestId('preview').textContent()).toBe('line 60');
      await zoes.talk(direct);
      const log = zoes.byTestId('log');
      await zoes.message('line 60').waitFor();
      await zoes.message('line 60').evaluate((element) => element.setAttribute('data-kept', ''));
      const top = (text: string) =>
        zoes.message(text).evaluate((element) => element.getBoundingClientRect().top);

      await log.evaluate((element) => element.scrollTo(0, 300));
      const before = await top('line 30');
      await expect.poll(() => zoes.message('line 1').count()).toBe(1);
      expect(Math.abs((await top('line 30')) - before)).toBeLessThan(1);

      await sender.send(direct, 'the newest');
      await expect.poll(() => zoes.byTestId('jump-latest').textContent()).toMatch(/1 new/);
      expect(Math.abs((await top('line 30')) - before)).toBeLessThan(1);
      await zoes.byTestId('jump-latest').click();
      await expect.poll(() => zoes.byTestId('jump-latest').isVisible()).toBe(false);
      await expect.poll(() => zoes.texts().then((texts) => texts.at(-1))).toBe('the newest');
      // The same element all along.
      expect(await zoes.message('line 60').getAttribute('data-kept')).toBe('');
    });

    it('[E12] takes back an own message everywhere', async () => {
      const zoes = await open(zoe);
      const mayas = await open(maya);
      await mayas.talk(direct);
      await zoes.talk(direct);
      await mayas.write('Sent too soon');
      await mayas.hasStatus('Sent too soon', 'seen');
      await mayas.message('Sent too soon').hover();
      await mayas.message('Sent too soon').getByTestId('delete-message').click();
      await mayas.byTestId('unsend-cancel').press('Escape');
      await mayas.byTestId('unsend-dialog').waitFor({ state: 'hidden' });
      expect(await mayas.byTestId('log').isVisible()).toBe(true);
      await mayas.message('Sent too soon').press('Delete');
      await mayas.byTestId('unsend-confirm').click();
      for (const window of [mayas, zoes]) {
        await expect.poll(() => window.texts().then((texts) => texts.at(-1))).toBe('Message deleted');
      }
    });

    it('[E13] goes back and forth on a phone, and by keys', async () => {
      const mayas = await open(maya, await context({ viewport: { width: 360, height: 720 } }));
      const at = () => new URL(mayas.page.url()).hash;
      const focused = () =>
        mayas.page.evaluate(() => document.activeElement?.getAttribute('data-conversation-id'));
      const rows = mayas.byTestId('conversation-row');
      // However the file comes, it can be framed from every view.
      await mayas.byTestId('file-input').setInputFiles(photos.first);
      await mayas.byTestId('crop-dialog').waitFor();
      await mayas.page.keyboard.press('Escape');
      await mayas.byTestId('crop-dialog').waitFor({ state: 'hidden' });
      await rows.first().focus();
      await mayas.page.keyboard.press('ArrowDown');
      const second = await rows.nth(1).getAttribute('data-conversation-id');
      await expect.poll(focused).toBe(second);
      await mayas.page.keyboard.press('Enter');
      await expect.poll(at).toBe(`#c=${second}`);
      await expect.poll(() => mayas.byTestId('inbox').isVisible()).toBe(false);
      await mayas.page.goBack();
      await expect.poll(() => mayas.byTestId('inbox').isVisible()).toBe(true);
      await expect.poll(focused).toBe(second);
      await mayas.talk(direct);
      await mayas.byTestId('back').click();
      await expect.poll(at).toBe('');
      await mayas.byTestId('open-profile').click();
      await expect.poll(() => mayas.byTestId('change').isVisible()).toBe(true);
    });

    it('[E17] says that it is offline, keeps what is written, and a refused message with Retry and Discard', async () => {
      const mine = await context();
      const line = await Line.of(mine);
      const mayas = await open(maya, mine);
      const banner = mayas.byTestId('banner');
      await mayas.talk(direct);
      await line.cut();
      await expect.poll(() => banner.isVisible()).toBe(true);
      expect(await banner.textContent()).toMatch(/offline/);
      await mayas.write('From the tunnel');
      expect(await mayas.message('From the tunnel').getAttribute('data-status')).toMatch(/queued|sending/);
      await line.mend();
      await mayas.hasStatus('From the tunnel', 'sent');
      await expect.poll(() => banner.isVisible()).toBe(false);

      line.answer = (frame) => {
        const [, id] = /^42(\d+)\["send_message"/.exec(frame) ?? [];
        return id && `43${id}[{"ok":false,"code":"INVALID_REQUEST","error":"no"}]`;
      };
      await mayas.write('Refused');
      await mayas.hasStatus('Refused', 'failed');
      await mayas.write('Refused too');
      await mayas.hasStatus('Refused too', 'failed');
      expect(await mayas.message('Refused').getByTestId('why').textContent()).toMatch(/^Not sent: /);
      await mayas.message('Refused too').getByTestId('discard').click();
      await expect.poll(() => mayas.message('Refused too').count()).toBe(0);
      line.answer = () => undefined;
      await mayas.message('Refused').getByTestId('retry').click();
      await mayas.hasStatus('Refused', 'sent');
      expect(await timesStored('From the tunnel')).toBe(1);
      expect(await timesStored('Refused')).toBe(1);
      expect(await timesStored('Refused too')).toBe(0);
    });

    it('[E20] has no flaw that axe knows, in any state, light and dark, on desktop and phone', async () => {
      const mine = await context();
      const line = await Line.of(mine);
      const mayas = await open(maya, mine);
      const { page } = mayas;
      const flaws: string[] = [];
      async function look(state: string) {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const [device, width, height] of [
            ['desktop', 1280, 900],
            ['phone', 390, 844],
          ] as const) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await page.setViewportSize({ width, height });
            for (const flaw of await flawsOf(page))
              flaws.push(`${state}, ${colorScheme}, ${device}: ${flaw}`);
          }
        }
        await page.setViewportSize({ width: 1280, height: 900 });
      }

      await look('inbox');
      await mayas.talk(campaign);
      await look('thread');
      await mayas.byTestId('file-input').setInputFiles(photos.first);
      await mayas.byTestId('crop-dialog').waitFor();
      await look('crop dialog');
      await mayas.byTestId('crop-cancel').click();
      line.answer = (frame) => {
        const [, id] = /^42(\d+)\["send_message"/.exec(frame) ?? [];
        return id && `43${id}[{"ok":false,"code":"INVALID_REQUEST","error":"no"}]`;
      };
      await mayas.write('Never sent');
      await mayas.hasStatus('Never sent', 'failed');
      await look('failed message');
      await line.cut();
      await expect.poll(() => mayas.byTestId('banner').isVisible()).toBe(true);
      await look('offline');
      await line.mend();
      await mayas.isLive();
      await signOut(mine, maya);
      await expect.poll(() => mayas.byTestId('notice').isVisible()).toBe(true);
      await look('signed out');
      expect(flaws).toEqual([]);
      await mayas.byTestId('notice').getByRole('button').click();
      await mayas.isLive();
      expect(await mayas.byTestId('notice').isVisible()).toBe(false);
    });

    it('[E21] shows what comes over the wire, and saves it without words of messages', async () => {
      const mayas = await open(maya);
      const sender = await person(server, zoe);
      const { page } = mayas;
      const panel = mayas.byTestId('devtools');
      await mayas.byTestId('devtools-toggle').click();
      await sender.send(direct, 'Between us');
      await expect.poll(() => panel.textContent()).toMatch(/Live.*ms, median.*realtime .*message/s);
      expect(await panel.textContent()).not.toContain('Between us');
      expect(await flawsOf(page)).toEqual([]);
      const saving = page.waitForEvent('download');
      await mayas.byTestId('devtools-save').click();
      const stream = await (await saving).createReadStream();
      const saved = JSON.parse(Buffer.concat(await stream.toArray()).toString());
      expect(saved).toMatchObject({ userId: maya, entries: expect.anything() });
      expect(JSON.stringify(saved)).not.toMatch(/Between us|Bearer|eyJ/);
      await page.keyboard.press('Alt+Shift+D');
      expect(await panel.isVisible()).toBe(false);
      await page.keyboard.press('Alt+Shift+D');
      expect(await panel.isVisible()).toBe(true);
    });

    it('[E22] is reached from the start page, as whoever one was there', async () => {
      const window = await Window.open(await context(), server.url, zoe);
      windows.push(window);
      await window.page.getByRole('navigation', { name: 'The same page' }).getByText(name).click();
      await window.page.waitForURL(`${server.url}${path}/**`);
      await window.isLive();
      expect(await window.byTestId('who-am-i').inputValue()).toBe(zoe);
      expect(await window.page.locator('nav [aria-current=page]').textContent()).toBe(name);
      expect((await fetch(server.url + path)).url).toBe(`${server.url}${path}/`);
    });

    /** In another tab of that browser. */
    async function signOut(where: BrowserContext, userId: string) {
      const page = await where.newPage();
      await page.goto(`${server.url}/plain/?as=${userId}`);
      await page.evaluate(() => {
        const { Visavis } = window as unknown as { Visavis: { client: { signOut(): Promise<void> } } };
        return Visavis.client.signOut();
      });
      await page.close();
    }
  });
}
