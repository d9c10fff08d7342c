import { createHash } from 'node:crypto';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Packed, pack } from './pack.ts';
import { ScriptServer } from './script-server.ts';

const policy = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'";

/** Runs in the page, before and after the script tag. */
const before = `globalThis.before = new Set(Object.getOwnPropertyNames(globalThis));
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    violations.push([violatedDirective, blockedURI, sample].join(' ')));`;

const after = `globalThis.added = Object.getOwnPropertyNames(globalThis)
  .filter((name) => !before.has(name) && !['before', 'violations', 'added'].includes(name));`;

let packed: Packed;
let browser: Browser;

beforeAll(async () => {
  packed = pack();
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
});
afterAll(async () => {
  await browser?.close();
  packed?.remove();
});

/** A new page, and what it complains of. */
async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return { page, complaints };
}

describe('The script-tag file, under a strict content security policy', () => {
  let server: ScriptServer;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    server = new ScriptServer(packed, policy, {
      '/index.html': `<!doctype html><title>t</title>${['before', 'visavis.global', 'after'].map((name) => `<script src="/${name}.js"></script>`).join('')}`,
      '/before.js': before,
      '/after.js': after,
    });
    await server.start();
    ({ page, complaints } = await openPage());
    await page.goto(`${server.url}/index.html`);
  });
  afterAll(async () => {
    await page?.close();
    server?.stop();
  });

  it('[PK5] defines Visavis and the one name that old pages call, and no other global', async () => {
    expect(await page.evaluate('added')).toEqual(['Visavis', 'ProfilePictureSync']);
    expect(await page.evaluate('Object.keys(Visavis).sort()')).toContain('createClient');
  });

  it('[PK5] checks answers without evaluating text', async () => {
    const name = await page.evaluate(`(async () => {
      const answer = { id: 1, display_name: 'Ada', avatar_url: null, avatar_version: 3 };
      const fetch = async () => new Response(JSON.stringify(answer));
      const client = Visavis.createClient({ baseUrl: '/', userId: 1, fetch });
      const { name, initials } = await client.users.get(1);
      client.dispose();
      return name + ' ' + initials;
    })()`);
    expect(name).toBe('Ada A');
  });

  it('[PK5] encodes a picture in its worker', async () => {
    const workers: string[] = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    const pictures = await page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(400, 300);
      canvas.getContext('2d').fillRect(0, 0, 200, 300);
      const file = await canvas.convertToBlob({ type: 'image/jpeg' });
      const client = Visavis.createClient({ baseUrl: '/', userId: 1 });
      const pictures = await client.avatar.compress(file);
      client.dispose();
      return pictures.map(({ kind, size, type }) => [kind, size, type].join(' '));
    })()`);
    expect(pictures).toEqual(['avatar 256 image/webp', 'thumb 64 image/webp']);
    expect(workers).toEqual([expect.stringMatching(/\/worker\.js$/)]);
  });

  it('[PK5] breaks no rule of that policy on the way', async () => {
    expect(await page.evaluate('violations')).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('The script tag with attributes', () => {
  const startPolicy = `${policy}; connect-src 'self'; img-src data:`;
  const picture =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  let server: ScriptServer;
  let page: Page;
  let complaints: string[];
  /** What the backend was asked, and with which token. */
  let asked: (readonly [path: string, token: string | undefined])[];

  beforeEach(async () => {
    asked = [];
    server = new ScriptServer(packed, startPolicy, {});
    server.answer = ({ url = '', headers }, response) => {
      const [, id] = /^\/api\/users\/(.+)\/profile$/.exec(url) ?? [];
      if (id === undefined) return void response.writeHead(404).end();
      asked.push([url, headers.authorization]);
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id, display_name: 'Ada Lovelace', avatar_url: picture, avatar_version: 1 }),
      );
    };
    await server.start();
    ({ page, complaints } = await openPage());
  });
  afterEach(async () => {
    await page.close();
    server.stop();
  });

  const body = `<div class="profile-picture-container"><img></div><visavis-avatar user-id="u1"></visavis-avatar>`;
  /** @param tag the script tag's attributes @param more what stands in the head before it */
  async function visit(tag: string, more = '', scripts: Record<string, string> = {}) {
    Object.assign(server.files, {
      '/index.html': `<!doctype html><title>t</title>${more}<script src="/visavis.global.js" ${tag && `data-connect="false" ${tag}`}></script><main>${body}</main>`,
      ...scripts,
    });
    await page.goto(`${server.url}/index.html`);
  }
  const shown = () =>
    page.evaluate(() => {
      const element = document.querySelector('visavis-avatar');
      const image = document.querySelector('img');
      return [
        element?.shadowRoot?.querySelector('img')?.getAttribute('src'),
        image?.getAttribute('src'),
        image?.alt,
      ];
    });
  const everything = [`${picture}#v=1`, `${picture}#v=1`, 'Ada Lovelace'];

  it.each(['', 'defer', 'async'])('[SC1] shows live pictures on a page of HTML alone: %s', async (how) => {
    await visit(`data-user-id="u1" ${how}`);
    await expect.poll(shown).toEqual(everything);
    expect(await page.evaluate('Visavis.client.userId')).toBe('u1');
    expect(complaints).toEqual([]);
  });

  it('[SC1] runs with its hash and from another origin, where its own folder holds the rest', async () => {
    const other = new ScriptServer(packed, policy, {});
    await other.start();
    try {
      const hash = createHash('sha384').update(packed.read('dist/visavis.global.js')).digest('base64');
      server.policy = startPolicy.replace("script-src 'self'", `script-src ${other.url}`);
      Object.assign(server.files, {
        '/index.html': `<!doctype html><title>t</title>${body}<script src="${other.url}/visavis.global.js" integrity="sha384-${hash}" crossorigin data-user-id="u1" data-connect="false"></script>`,
      });
      await page.goto(`${server.url}/index.html`);
      await expect.poll(shown).toEqual(everything);
      expect(
        await page.evaluate(
          `Visavis.client.avatar.inspect(new Blob(['no picture'])).catch(({ code }) => code)`,
        ),
      ).toBe('FILE_TYPE');
      expect(complaints).toEqual([]);
    } finally {
      other.stop();
    }
  });

  it.each([
    ['nothing is said', ''],
    ['nobody is signed in', 'data-user-id="" data-preset="presigned"'],
    ['the page knows nobody', 'data-user-id-from="meta:user" data-token-from="local:token"'],
  ])('[SC2] starts nothing where %s', async (_, tag) => {
    await visit(tag);
    expect(await page.evaluate('[typeof Visavis.createClient, typeof Visavis.client]')).toEqual([
      'function',
      'undefined',
    ]);
    expect([asked, complaints]).toEqual([[], []]);
  });

  it.each([
    ['data-user-id="u1" data-preset="s3"', 'data-preset="s3" is none of presigned'],
    ['data-user-id="u1" data-chat="x"', 'data-chat="x" is none of chat'],
    ['data-user-id="u1" data-events="no"', 'data-events="no" is none of true, false'],
    ['data-user-id="u1" data-id-type="int"', 'data-id-type="int" is none of string, number'],
    [
      'data-user-id="u1" data-credentials="all"',
      'data-credentials="all" is none of omit, include, same-origin',
    ],
    [
      'data-user-id="u1" data-token-from="alert(1)"',
      '"alert(1)" is none of meta:…, local:…, session:…, function:…',
    ],
    ['data-user-id="u1" data-base-url="ftp://x"', 'baseUrl must be https: or http:'],
    ['data-token-from="meta:token"', 'data-token-from needs data-user-id or data-user-id-from beside it'],
    ['data-user-id-from="function:nobody"', 'the page has no function nobody'],
  ])('[SC3] says what is wrong and breaks nothing else: %s', async (tag, text) => {
    await visit(tag);
    expect(complaints).toEqual([expect.stringContaining('visavis: unable to start from the script tag; ')]);
    expect(complaints[0]).toContain(text);
    expect(await page.evaluate('typeof Visavis.createClient')).toBe('function');
    expect(asked).toEqual([]);
  });

  it.each([
    ['meta:token', '<meta name="token" content="secret">', ''],
    ['local:token', '', `localStorage.setItem('token', 'secret');`],
    ['session:token', '', `sessionStorage.setItem('token', 'secret');`],
    [
      'function:auth.session.token',
      '',
      `globalThis.auth = { session: { value: 'secret', token() { return this.value; } } };`,
    ],
    ['function:token', '', `globalThis.token = async ({ refresh }) => (refresh ? 'fresh' : 'secret');`],
  ])('[SC4] reads the token from %s', async (from, more, script) => {
    await visit(`data-user-id="u1" data-token-from="${from}"`, `${more}<script src="/page.js"></script>`, {
      '/page.js': script,
    });
    await expect.poll(shown).toEqual(everything);
    expect(asked).toEqual([['/api/users/u1/profile', 'Bearer secret']]);
  });

  it('[SC4] reads the token anew for every request, and the user once', async () => {
    await visit(
      'data-user-id-from="meta:user" data-token-from="meta:token"',
      '<meta name="user" content="u1"><meta name="token" content="one">',
    );
    await expect.poll(shown).toEqual(everything);
    await page.evaluate(
      `document.querySelector('[name=token]').content = 'two'; Visavis.client.users.get('u2')`,
    );
    await expect.poll(() => asked.map(([, token]) => token)).toEqual(['Bearer one', 'Bearer two']);
  });

  it('[SC5] tells the console what it does while profilePictureDebug is on, and never a token', async () => {
    const told: string[] = [];
    page.on('console', (message) => {
      const parts = message
        .args()
        .map((arg) => arg.evaluate((value) => `${value} ${JSON.stringify(value)} ${value?.stack}`));
      // What is told while the page closes cannot be looked at any more.
      Promise.all(parts).then(
        (all) => void told.push(all.join(' ')),
        () => {},
      );
    });
    server.answer = (_, response) =>
      void response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"broken"}');
    const page1 = `localStorage.setItem('token', 'canary-token')`;
    await visit('data-user-id="u1" data-token-from="local:token"', '<script src="/page.js"></script>', {
      '/page.js': page1,
    });
    await page.waitForTimeout(300);
    expect(told.filter((text) => text.includes('visavis'))).toEqual([]);
    server.files['/page.js'] = `localStorage.setItem('profilePictureDebug', 'true')`;
    await page.reload();
    await expect
      .poll(() => told.filter((text) => text.includes('visavis: read the profile')).length)
      .toBeGreaterThan(0);
    await page.evaluate('Visavis.client.realtime.connect()');
    await expect
      .poll(() => told.some((text) => text.includes('visavis: connection is connecting')))
      .toBe(true);
    expect(told.join('\n')).not.toContain('canary-token');
  });

  it('[SC6] reads the own picture again when ProfilePictureSync is asked to, also before there is a client', async () => {
    await visit('', '');
    await page.evaluate(
      `globalThis.synced = ProfilePictureSync.syncOnPageLoad().then(() => 'done'); undefined`,
    );
    expect(asked).toEqual([]);
    await page.evaluate(`Visavis.connectVisavis(Visavis.createClient({ baseUrl: '/', userId: 'u9' }))`);
    expect(await page.evaluate('synced')).toBe('done');
    expect(asked.map(([path]) => path)).toContain('/api/users/u9/profile');
  });

  it('[SC6] leaves a ProfilePictureSync of the page alone', async () => {
    await visit('', '<script src="/page.js"></script>', {
      '/page.js': `globalThis.ProfilePictureSync = 'mine'`,
    });
    expect(await page.evaluate('ProfilePictureSync')).toBe('mine');
  });

  it('[SC7] leaves out what it is told to', async () => {
    await visit('data-user-id="u1" data-pictures="false" data-events="false"');
    await expect.poll(shown).toEqual([`${picture}#v=1`, null, '']);
    await page.evaluate(
      `window.dispatchEvent(new CustomEvent('profile:updated', { detail: { userId: 'u1', name: 'Eve' } }))`,
    );
    expect(await page.evaluate(`Visavis.client.users.live('u1').getSnapshot().name`)).toBe('Ada Lovelace');
  });

  it('[SC7] remembers people for the next page when it is told to', async () => {
    await visit('data-user-id="u1" data-remember');
    await expect.poll(shown).toEqual(everything);
    server.answer = () => {};
    await page.reload();
    await expect.poll(shown).toEqual(everything);
  });
});
