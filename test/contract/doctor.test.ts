import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { examine, presetNames } from '../../src/doctor/examine.ts';
import type { Finding, Verdict } from '../../src/doctor/finding.ts';
import type { Patient } from '../../src/doctor/patient.ts';
import { history, meet, type Person, persons } from '../server/chat-support.ts';
import { startServer, type TestServer } from '../server/support.ts';
import { startChat } from '../support/literal/chat.ts';
import { startChatV2 } from '../support/literal/chat-v2.ts';
import type { LiteralServer } from '../support/literal/literal-server.ts';
import { startMedia } from '../support/literal/media.ts';
import { startPresigned } from '../support/literal/presigned.ts';
import { startProfilePicture } from '../support/literal/profile-picture.ts';
import { startUploadRoute } from '../support/literal/upload-route.ts';

const origin = 'http://localhost:5173';

const summary = (findings: readonly Finding[], ...verdicts: Verdict[]) =>
  findings.filter(({ verdict }) => verdicts.includes(verdict)).map(({ of, check }) => `${of}: ${check}`);

describe('the doctor, on the reference server', () => {
  let server: TestServer;
  let maya: Person;
  let jonas: Person;
  let conversationId: string;
  beforeAll(async () => {
    server = await startServer();
    [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    conversationId = await meet(maya, jonas);
    for (const text of ['one', 'two', 'three']) await jonas.send(conversationId, text);
  });
  afterAll(() => server.stop());

  const patient = (more: Partial<Patient> = {}): Patient => ({
    baseUrl: server.url,
    userId: 'u1',
    token: maya.token,
    origin,
    timeoutMs: 10_000,
    mayWrite: false,
    ...more,
  });
  /** What there is to change: messages, marks and pictures. */
  const state = async () => ({
    messages: (await history(jonas, conversationId)).map(({ content, deleted_at }) => [content, deleted_at]),
    conversation: (await maya.get(`/api/conversations/${conversationId}`)).body.conversation,
    profile: (await maya.get('/api/users/u1/profile')).body,
    history: (await maya.get('/api/profile/picture-history')).body.history,
  });
  const all = presetNames.filter((name) => name !== 'chatRunning');

  test('[DR1] finds nothing amiss, and changes nothing', async () => {
    const before = await state();
    const findings = await examine(patient(), all);
    expect(summary(findings, 'degrades', 'broken')).toEqual([]);
    expect(summary(findings, 'works').length).toBeGreaterThan(50);
    expect(await state()).toEqual(before);
  });

  test('[DR2] with leave to write it tries everything, and tidies up after itself', async () => {
    const before = await state();
    const findings = await examine(patient({ mayWrite: true }), all);
    // A picture that is sent by the one route cannot be deleted by it: what is after it is left alone.
    expect(summary(findings, 'degrades', 'broken')).toEqual([]);
    for (const of of ['presigned', 'media', 'profilePicture', 'profilePictureJson']) {
      expect(summary(findings, 'works')).toEqual(
        expect.arrayContaining([`${of}: upload`, `${of}: live event`, `${of}: delete`]),
      );
    }
    expect(summary(findings, 'works')).toEqual(
      expect.arrayContaining([
        'presigned: CORS of the storage host',
        'uploadRoute: upload',
        'chat: sent twice under one client id',
        'chat: live message',
        'chat: sending by socket',
        'chatV2: sending by socket',
      ]),
    );
    const after = await state();
    expect(after.messages.filter(([, deleted]) => deleted === null)).toEqual(before.messages);
    await maya.delete('/api/users/me/avatar');
  });

  test('[DR2] a picture that the user has is not risked', async () => {
    await examine(patient({ mayWrite: true }), ['uploadRoute']);
    const { avatar_url } = (await state()).profile;
    expect(avatar_url).not.toBeNull();
    const findings = await examine(patient({ mayWrite: true }), ['presigned']);
    expect(summary(findings, 'skipped')).toEqual(['presigned: upload and delete']);
    expect((await state()).profile.avatar_url).toBe(avatar_url);
  });

  test('[DR3] names pages that may not ask, and tokens that are not good', async () => {
    const strange = await examine(patient({ origin: 'https://elsewhere.example' }), ['presigned', 'chat']);
    expect(summary(strange, 'broken')).toEqual([
      'presigned: CORS',
      'presigned: CORS of uploads',
      'chat: CORS',
    ]);
    const stranger = await examine(patient({ token: 'made up' }), ['presigned', 'chat']);
    expect(summary(stranger, 'broken')).toEqual([
      'presigned: profile',
      'presigned: live connection',
      'chat: list of conversations',
    ]);
    expect(stranger.find(({ verdict }) => verdict === 'broken')?.mend).toContain('--token');
  });

  /** The command itself. */
  function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const main = fileURLToPath(new URL('../../src/doctor/doctor.ts', import.meta.url));
    return new Promise((resolve) => {
      const env = { ...process.env, VISAVIS_TOKEN: maya.token };
      const child = execFile(process.execPath, [main, ...args], { env }, (_, out, err) =>
        resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
  }

  test('[DR4] ends with 0 when nothing is broken, with 1 when something is, with 2 when it was called wrongly', async () => {
    const { code, out } = await run('doctor', server.url, '--user', 'u1', '--json', '--origin', origin);
    const { url, counts, findings } = JSON.parse(out);
    expect([code, url, counts.broken]).toEqual([0, server.url, 0]);
    expect(new Set(findings.map(({ of }: Finding) => of))).toEqual(new Set(['backend', 'presigned', 'chat']));

    const broken = await run('doctor', `${server.url}/nowhere`, '--user', 'u1', '--preset', 'media');
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/broken +profile: .*\n +to mend it: /);
    expect(broken.out).toMatch(/\d+ work, \d+ degrade, \d+ broken, \d+ skipped\n$/);

    for (const [args, reason] of [
      [[], 'there is no command'],
      [['doctor'], 'is not an address'],
      [['doctor', 'ftp://x.example', '--user', 'u1'], 'is not an address'],
      [['doctor', server.url], '--user is missing'],
      [['doctor', server.url, '--user', 'u1', '--preset', 'chatV3'], 'there is no preset'],
      [['doctor', server.url, '--user', 'u1', '--origin', 'app.example'], 'is not an origin'],
      [['doctor', server.url, '--user', 'u1', '--timeout', 'soon'], 'is no number'],
      [['doctor', server.url, '--user', 'u1', '--fix'], '--fix'],
    ] as const) {
      const wrong = await run(...args);
      expect([wrong.code, wrong.out]).toEqual([2, '']);
      expect(wrong.err).toContain(reason);
      expect(wrong.err).toContain('usage: visavis doctor <url>');
    }
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--write') });
  });
});

describe('the doctor, on literal servers', () => {
  const patient = (server: LiteralServer, more: Partial<Patient> = {}): Patient => ({
    baseUrl: server.url,
    userId: '1',
    token: server.issue(1),
    origin,
    timeoutMs: 1_500,
    mayWrite: false,
    ...more,
  });
  async function started<S extends LiteralServer>(starting: Promise<S>): Promise<S> {
    const server = await starting;
    onTestFinished(() => server.close());
    return server;
  }
  const exposed = 'CORS: exposed headers';

  test.each([
    ['presigned', startPresigned, ['order of pictures', exposed]],
    ['media', startMedia, [exposed, 'live connection']],
    ['profilePicture', startProfilePicture, [exposed, 'live connection']],
    ['profilePictureJson', () => startProfilePicture({ stateless: true }), [exposed, 'live connection']],
    ['uploadRoute', startUploadRoute, ['live connection']],
    ['chatRunning', startChat, ['level', exposed, 'rows: unread_count']],
    ['chatV2', startChatV2, ['level', exposed]],
  ] as const)(
    '[DR1] names what degrades with %s, and sends nothing but reads',
    async (name, start, quirks) => {
      const server = await started<LiteralServer>(start());
      const findings = await examine(patient(server), [name]);
      expect(summary(findings, 'broken')).toEqual([]);
      expect(summary(findings, 'degrades')).toEqual(quirks.map((check) => `${name}: ${check}`));
      for (const finding of findings)
        expect(finding.verdict !== 'degrades' || (finding.loses && finding.mend)).toBeTruthy();
      expect(server.requests.length).toBeGreaterThan(0);
      expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    },
  );

  test('[DR1] does not even read messages where that marks them as seen', async () => {
    const server = await started(startChat());
    for (const conversation of server.state.conversations)
      server.state.store(conversation, {
        sender_id: conversation.members[0],
        text: 'unread',
        media_url: null,
      });
    const findings = await examine(patient(server), ['chatRunning']);
    expect(summary(findings, 'skipped')).toContain('chatRunning: messages');
    expect(summary(findings, 'degrades')).toContain('chatRunning: rows: last_message.id');
    expect(server.state.messagesOf(10).map(({ seen }) => seen)).toEqual([false]);
  });

  test('[DR3] knows the paths of running backends, and says the line that mends it', async () => {
    const server = await started(startChat());
    const findings = await examine(patient(server), ['chat']);
    expect(summary(findings, 'broken')).toEqual(['chat: list of conversations']);
    expect(findings.find(({ verdict }) => verdict === 'broken')?.mend).toContain('routes: runningRoutes');
    expect(summary(findings, 'works')).toContain('chat: rows of the list');
  });

  test('[DR2] with leave to write it names doubles, missing acknowledgements and missing deletes', async () => {
    const running = await started(startChat());
    const first = await examine(patient(running, { mayWrite: true }), ['chatRunning']);
    expect(summary(first, 'degrades')).toEqual(
      expect.arrayContaining([
        'chatRunning: sent twice under one client id',
        'chatRunning: sending by socket',
      ]),
    );
    expect(summary(first, 'works')).toEqual(
      expect.arrayContaining(['chatRunning: sending', 'chatRunning: live message']),
    );
    const later = await started(startChatV2());
    const second = await examine(patient(later, { mayWrite: true }), ['chatV2']);
    expect(summary(second, 'degrades')).toEqual(
      expect.arrayContaining(['chatV2: sent twice under one client id', 'chatV2: delete']),
    );
    expect(summary(second, 'works')).toEqual(
      expect.arrayContaining(['chatV2: live message', 'chatV2: sending by socket']),
    );
    expect(summary([...first, ...second], 'broken')).toEqual([]);
  });

  test('[DR2] with leave to write it sees that a stateless backend forgets the picture', async () => {
    const server = await started(startProfilePicture({ stateless: true }));
    const findings = await examine(patient(server, { mayWrite: true }), ['profilePictureJson']);
    expect(summary(findings, 'degrades')).toContain('profilePictureJson: picture after the upload');
    expect(summary(findings, 'broken')).toEqual([]);
  });

  test.each([
    ['pages from everywhere but here', { status: 200, body: { id: 1, avatar_url: 7 } }, '"avatar_url"'],
    ['success: false', { body: { success: false, message: 'Not today' } }, 'Not today'],
    ['a failure', { status: 500, body: { error: 'Oh' } }, 'it fails (500)'],
    ['another place', { status: 302, headers: { Location: '/sign-in' } }, 'it leads elsewhere'],
  ])('[DR3] says what is wrong with an answer: %s', async (_, reply, words) => {
    const server = await started(startPresigned());
    server.instead('GET /api/users/:id/profile', reply);
    const findings = await examine(patient(server), ['presigned']);
    expect(findings.find(({ check }) => check === 'profile')).toMatchObject({
      verdict: 'broken',
      says: expect.stringContaining(words),
    });
  });
});

describe('the doctor, on what is no such backend', () => {
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const patient = (baseUrl: string): Patient => ({
    baseUrl,
    userId: 'u1',
    token: 'some',
    origin,
    timeoutMs: 500,
    mayWrite: true,
  });

  test('[DR3] a front-end’s own server, which answers everything with its page', async () => {
    const methods = new Set<string | undefined>();
    const url = await serve((request, response) => {
      methods.add(request.method);
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><div id=app></div>');
    });
    const findings = await examine(patient(url), ['presigned', 'chat', 'chatV2']);
    expect(summary(findings, 'broken')).toEqual([
      'presigned: profile',
      'chat: list of conversations',
      'chatV2: list of conversations',
    ]);
    for (const { verdict, says } of findings)
      if (verdict === 'broken') expect(says).toContain('it answers a page of HTML');
    // With leave to write: but there is nothing to write to.
    expect([...methods]).toEqual(['GET']);
  });

  test.each([
    ['another origin', { 'access-control-allow-origin': 'https://other.example' }, {}, 'does not allow http'],
    ['no token', { 'access-control-allow-headers': 'content-type' }, {}, 'the header authorization'],
    ['a star for the token', { 'access-control-allow-headers': '*' }, {}, 'the header authorization'],
    ['nobody in its answers', {}, { 'access-control-allow-origin': '' }, 'the answer itself'],
    ['everybody', {}, {}, null],
  ])('[DR3] a backend whose CORS settings allow %s', async (_, preflight, answer, words) => {
    const allowed = {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-expose-headers': 'Retry-After',
    };
    const url = await serve((request, response) => {
      const isPreflight = request.method === 'OPTIONS';
      response.writeHead(request.headers.authorization?.includes('some') || isPreflight ? 200 : 401, {
        ...allowed,
        ...(isPreflight ? preflight : answer),
        'Content-Type': 'application/json',
      });
      response.end(isPreflight ? '' : '{"id":"u1","display_name":"Maya","avatar_url":null}');
    });
    const findings = await examine({ ...patient(url), mayWrite: false }, ['presigned']);
    const cors = findings.find(({ check }) => check === 'CORS');
    expect(cors?.verdict).toBe(words === null ? 'works' : 'broken');
    if (words !== null) expect(cors?.says).toContain(words);
  });

  test('[DR3] a server that never answers', async () => {
    const findings = await examine(patient(await serve(() => {})), ['presigned', 'chat']);
    expect(findings).toMatchObject([{ of: 'backend', verdict: 'broken', says: 'no answer within 500 ms' }]);
  });

  test('[DR3] one that stops answering under way', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/') response.end('hello');
    });
    const findings = await examine(patient(url), ['presigned', 'chat']);
    expect(summary(findings, 'broken')).toEqual(['presigned: profile', 'chat: list of conversations']);
    expect(findings[1]?.says).toContain('no answer within 500 ms');
  });

  test('[DR3] an address where nothing is', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const findings = await examine(patient(`http://127.0.0.1:${port}`), ['presigned', 'chat']);
    expect(findings).toMatchObject([{ verdict: 'broken', says: 'the connection was refused' }]);
  });
});
