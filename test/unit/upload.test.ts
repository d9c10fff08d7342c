import { delay, HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClient, type VisavisClient } from '../../src/client.ts';
import { FileError, UploadError } from '../../src/errors.ts';
import type { Avatar, UploadProgress } from '../../src/models.ts';
import type { ClientOptions } from '../../src/options.ts';
import { profilePicture } from '../../src/presets/profile-picture.ts';
import { createFakeEncoder } from '../../src/testing/fake-encoder.ts';
import { api, mockBackend, profileRoute, storage } from '../support/backend.ts';
import { FakeClock } from '../support/fake-clock.ts';

const server = mockBackend();
const file = new Blob(['a photo']);
const clients: VisavisClient[] = [];
afterEach(() => {
  for (const sdk of clients.splice(0)) sdk.dispose();
});

const client = (options: Partial<ClientOptions> = {}) => {
  const sdk = createClient({
    baseUrl: api,
    userId: 'me',
    getToken: () => 'secret',
    imageEncoder: createFakeEncoder(),
    random: () => 0,
    ...options,
  });
  clients.push(sdk);
  return sdk;
};

interface Call {
  readonly name: string;
  readonly body: unknown;
  readonly headers: Headers;
}

/** The happy backend; single steps are overridden by the tests. Every call is logged in order. */
function backend(
  steps: {
    presign?: (attempt: number) => object | Response;
    put?: (attempt: number, request: Request) => Response | Promise<Response>;
    complete?: (attempt: number) => Response | Promise<Response>;
    remove?: () => Response | Promise<Response>;
  } = {},
) {
  const calls: Call[] = [];
  const count = (name: string) => calls.filter((call) => call.name === name).length;
  const log = async (name: string, request: Request) => {
    const text = await request.clone().text();
    const isJson = request.headers.get('content-type')?.includes('json');
    calls.push({ name, body: isJson ? JSON.parse(text) : text.length, headers: request.headers });
    return count(name);
  };
  const ticket = (type: string, attempt: number) => ({
    fileId: `f-${type}`,
    type,
    key: `${type}-${attempt}`,
    url: `${storage}/${type}-${attempt}?sig=1`,
    method: 'PUT',
    headers: { 'Content-Type': 'image/webp' },
  });
  server.use(
    profileRoute(),
    http.post(`${api}/api/users/me/avatar/presign`, async ({ request }) => {
      const attempt = await log('presign', request);
      const answer = steps.presign?.(attempt) ?? {
        uploads: [ticket('thumb', attempt), ticket('avatar', attempt)],
        expiresIn: 300,
      };
      return answer instanceof Response ? answer : HttpResponse.json(answer);
    }),
    http.put(`${storage}/:key`, async ({ request }) => {
      const attempt = await log('put', request);
      return (await steps.put?.(attempt, request)) ?? new HttpResponse(null, { status: 200 });
    }),
    http.post(`${api}/api/users/me/avatar/complete`, async ({ request }) => {
      const attempt = await log('complete', request);
      return (await steps.complete?.(attempt)) ?? published(2);
    }),
    http.delete(`${api}/api/users/me/avatar`, async ({ request }) => {
      await log('delete', request);
      return (await steps.remove?.()) ?? HttpResponse.json({ success: true, avatar_version: 3 });
    }),
  );
  return { calls, names: () => calls.map(({ name }) => name) };
}

const published = (version: number) =>
  HttpResponse.json({
    ok: true,
    avatar_url: `https://cdn.example.com/me-${version}.webp`,
    avatar_thumb_url: `https://cdn.example.com/me-${version}-thumb.webp`,
    avatar_version: version,
  });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error,
  );
/** Subscribes to the own picture and keeps every picture that was shown. */
async function watchMe(sdk: VisavisClient) {
  const me = sdk.users.live('me');
  const shown: (Avatar | null)[] = [];
  me.subscribe(() => shown.push(me.getSnapshot().avatar));
  await expect.poll(() => me.getSnapshot().status).toBe('ready');
  return { me, shown };
}

describe('upload', () => {
  it('[AV1] presigns the produced types and sizes, puts both bodies, completes with the tickets', async () => {
    const { calls, names } = backend();
    const avatar = await client().avatar.upload(file);
    expect(avatar).toEqual({
      url: 'https://cdn.example.com/me-2.webp?v=2',
      thumbUrl: 'https://cdn.example.com/me-2-thumb.webp?v=2',
      version: 2,
    });
    expect(names()).toEqual(['presign', 'put', 'put', 'complete']);
    expect(calls[0]?.body).toEqual({
      files: [
        { type: 'avatar', filename: 'avatar.webp', contentType: 'image/webp', size: 256 },
        { type: 'thumb', filename: 'thumb.webp', contentType: 'image/webp', size: 64 },
      ],
    });
    expect(calls.slice(1, 3).map(({ body }) => body)).toEqual([256, 64]);
    expect(calls[3]?.body).toEqual({
      uploads: [
        { type: 'avatar', key: 'avatar-1', url: `${storage}/avatar-1?sig=1` },
        { type: 'thumb', key: 'thumb-1', url: `${storage}/thumb-1?sig=1` },
      ],
    });
  });

  it('[AV2] reports progress that never goes back and ends at 1, whatever is retried', async () => {
    backend({ put: (attempt) => new HttpResponse(null, { status: attempt === 1 ? 403 : 200 }) });
    const reports: UploadProgress[] = [];
    await client().avatar.upload(file, { onProgress: (progress) => reports.push(progress) });
    const stages = ['inspect', 'compress', 'presign', 'put', 'complete'];
    for (const [i, report] of reports.entries()) {
      const before = reports[i - 1];
      if (!before) continue;
      expect(report.fraction).toBeGreaterThanOrEqual(before.fraction);
      expect(stages.indexOf(report.stage)).toBeGreaterThanOrEqual(stages.indexOf(before.stage));
      if (report.stage === before.stage) expect(report.loaded).toBeGreaterThan(before.loaded);
    }
    expect(new Set(reports.map(({ stage }) => stage))).toEqual(new Set(stages));
    expect(reports.at(-1)).toEqual({ stage: 'complete', loaded: 1, total: 1, fraction: 1 });
  });

  it('[AV2] goes on when the progress listener throws', async () => {
    backend();
    const onProgress = () => {
      throw new Error('mine');
    };
    await expect(client().avatar.upload(file, { onProgress })).resolves.toMatchObject({ version: 2 });
  });

  it('[AV3] is superseded by a second upload, which wins', async () => {
    const { names } = backend({ put: () => delay(50).then(() => new HttpResponse(null)) });
    const sdk = client();
    const first = failure(sdk.avatar.upload(file));
    await expect.poll(names).toContain('put');
    const second = sdk.avatar.upload(file);
    expect(await first).toMatchObject({ code: 'UPLOAD_SUPERSEDED', stage: 'put', retryable: false });
    await expect(second).resolves.toMatchObject({ version: 2 });
    expect(names().filter((name) => name === 'complete')).toHaveLength(1);
  });

  it('[AV3] of a delete that has no answer yet does not undo an earlier picture that was chosen since', async () => {
    const asked: string[] = [];
    const answer = (method: string) => {
      if (method === 'DELETE') return new Promise<never>(() => {});
      return Response.json({ profilePicture: 'earlier.webp', profilePicturePath: '/earlier.webp' });
    };
    const sdk = client({
      preset: profilePicture,
      fetch: (_, { method = 'GET', signal } = {}) => {
        asked.push(method);
        const aborted = new Promise<never>((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
        return Promise.race([answer(method), aborted]);
      },
    });
    const deleted = failure(sdk.avatar.delete());
    await expect.poll(() => asked).toContain('DELETE');
    await expect(sdk.avatar.restore({ name: 'earlier.webp' })).resolves.toMatchObject({
      url: expect.stringContaining('/earlier.webp'),
    });
    expect(await deleted).toMatchObject({ code: 'UPLOAD_SUPERSEDED' });
    expect(asked.filter((method) => method === 'DELETE')).toHaveLength(1);
  });

  it('[AV3] learns from the backend that a newer change elsewhere won', async () => {
    backend({ complete: () => HttpResponse.json({ code: 'SUPERSEDED', error: 'newer' }, { status: 409 }) });
    expect(await failure(client().avatar.upload(file))).toMatchObject({
      name: 'UploadError',
      code: 'UPLOAD_SUPERSEDED',
      stage: 'complete',
    });
  });

  it('[AV4] shows the preview at once and the published picture only after it is decoded', async () => {
    backend();
    const decodes: { url: string; done: () => void }[] = [];
    const preload = (url: string) => new Promise<void>((done) => decodes.push({ url, done }));
    const sdk = client({ preload });
    const { me, shown } = await watchMe(sdk);
    await sdk.avatar.upload(file);
    expect(me.getSnapshot()).toMatchObject({
      pending: false,
      avatar: { url: expect.stringMatching(/^blob:/) },
    });
    await expect
      .poll(() => decodes.map(({ url }) => url))
      .toContain('https://cdn.example.com/me-2-thumb.webp?v=2');
    for (const { done } of decodes) done();
    await expect.poll(() => me.getSnapshot().avatar?.url).toBe('https://cdn.example.com/me-2.webp?v=2');
    await expect.poll(() => shown.at(-1)?.version).toBe(2);
    const schemes = shown.map((avatar) => avatar?.url.slice(0, 5));
    expect(schemes.filter((scheme, i) => scheme !== schemes[i - 1])).toEqual(['https', 'blob:', 'https']);
  });

  it('[AV5] returns after a failure to the latest confirmed picture, not to the one at its start', async () => {
    let sdk: VisavisClient | undefined;
    backend({
      async complete() {
        // Meanwhile another device has published version 5.
        await sdk?.avatar.complete([]).catch(() => {});
        return HttpResponse.json({ error: 'no' }, { status: 400 });
      },
    });
    server.use(http.post(`${api}/api/users/me/avatar/complete`, () => published(5), { once: true }));
    sdk = client();
    const { me } = await watchMe(sdk);
    expect(me.getSnapshot().avatar?.version).toBe(1);
    await sdk.avatar.complete([]);
    server.use(
      http.post(`${api}/api/users/me/avatar/complete`, () =>
        HttpResponse.json({ error: 'no' }, { status: 400 }),
      ),
    );
    const error = await failure(sdk.avatar.upload(file));
    expect(error).toBeInstanceOf(UploadError);
    expect(error).toMatchObject({ stage: 'complete', retryable: false, cause: { code: 'BAD_REQUEST' } });
    expect(me.getSnapshot()).toMatchObject({ pending: false, avatar: { version: 5 } });
  });

  it.each(['compress', 'presign', 'put', 'complete'] as const)(
    '[AV6] ends at once with the caller’s reason when aborted in %s',
    async (stage) => {
      const never = () => delay('infinite').then(() => HttpResponse.error());
      const { names } = backend({
        ...(stage === 'put' ? { put: never } : {}),
        ...(stage === 'complete' ? { complete: never } : {}),
      });
      if (stage === 'presign') server.use(http.post(`${api}/api/users/me/avatar/presign`, never));
      const sdk = client(
        stage === 'compress'
          ? { imageEncoder: createFakeEncoder({ compress: () => new Promise(() => {}) }) }
          : {},
      );
      const { me } = await watchMe(sdk);
      const before = me.getSnapshot().avatar;
      const controller = new AbortController();
      const reached: string[] = [];
      const upload = failure(
        sdk.avatar.upload(file, { signal: controller.signal, onProgress: (p) => reached.push(p.stage) }),
      );
      if (stage === 'put' || stage === 'complete') await expect.poll(names).toContain(stage);
      else await expect.poll(() => reached).toContain(stage === 'compress' ? 'inspect' : stage);
      const reason = { mine: stage };
      controller.abort(reason);
      expect(await upload).toBe(reason);
      expect(me.getSnapshot()).toMatchObject({ pending: false, avatar: before });
      const sent = names().length;
      await delay(30);
      expect(names()).toHaveLength(sent);
    },
  );

  it('[AV6] sends nothing when the signal is already aborted', async () => {
    const { names } = backend();
    const reason = new Error('mine');
    expect(await failure(client().avatar.upload(file, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(names()).toEqual([]);
  });

  it('[AV7] presigns anew, once, when the tickets have expired', async () => {
    const { names, calls } = backend({
      put: (attempt) => new HttpResponse(null, { status: attempt <= 2 ? 403 : 200 }),
    });
    await expect(client().avatar.upload(file)).resolves.toMatchObject({ version: 2 });
    expect(names().filter((name) => name === 'presign')).toHaveLength(2);
    expect(calls.at(-1)?.body).toMatchObject({ uploads: [{ key: 'avatar-2' }, { key: 'thumb-2' }] });
  });

  it('[AV7] ends with UPLOAD_EXPIRED when fresh tickets are refused too', async () => {
    const { names } = backend({ put: () => new HttpResponse(null, { status: 403 }) });
    expect(await failure(client().avatar.upload(file))).toMatchObject({
      code: 'UPLOAD_EXPIRED',
      stage: 'put',
    });
    expect(names().filter((name) => name === 'presign')).toHaveLength(2);
    expect(names()).not.toContain('complete');
  });

  it('[AV8] never sends the token or own headers to the storage host', async () => {
    const { calls } = backend();
    await client({ headers: { 'x-app': '1' } }).avatar.upload(file);
    for (const { headers, name } of calls) {
      expect(headers.get('authorization')).toBe(name === 'put' ? null : 'Bearer secret');
      expect(headers.get('x-app')).toBe(name === 'put' ? null : '1');
      if (name === 'put') expect(headers.get('content-type')).toBe('image/webp');
    }
  });

  it('[AV9] fails as stalled when nothing moves', async () => {
    backend({ put: () => delay('infinite').then(() => new HttpResponse(null)) });
    const error = await failure(client({ stallMs: 10 }).avatar.upload(file));
    expect(error).toMatchObject({
      code: 'UPLOAD_STALLED',
      stage: 'put',
      retryable: true,
      cause: { name: 'TimeoutError' },
    });
  });

  it.each([409, 412])('[AV10] takes a %i on a repeated put for the lost answer it is', async (status) => {
    const { names } = backend({
      put: (attempt) => new HttpResponse(null, { status: [503, 200, status][attempt - 1] ?? 200 }),
    });
    await expect(client().avatar.upload(file)).resolves.toMatchObject({ version: 2 });
    expect(names().filter((name) => name === 'presign')).toHaveLength(1);
  });

  it('[AV10] takes a 409 on a first put for the refusal it is', async () => {
    backend({ put: () => new HttpResponse(null, { status: 409 }) });
    expect(await failure(client().avatar.upload(file))).toMatchObject({
      code: 'UPLOAD_FAILED',
      stage: 'put',
    });
  });

  it('[AV10] says what failed when the network goes in the middle', async () => {
    const { names } = backend({ put: () => HttpResponse.error() });
    const error = await failure(client().avatar.upload(file));
    expect(error).toMatchObject({
      code: 'UPLOAD_FAILED',
      stage: 'put',
      retryable: true,
      cause: { code: 'NETWORK' },
    });
    expect(names()).not.toContain('complete');
  });

  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [413, false],
    [429, true],
    [500, true],
  ])('[AV11] tells the stage and the cause of a %i at presign and at complete', async (status, retryable) => {
    const refuse = () => HttpResponse.json({ error: 'no' }, { status });
    backend({ presign: refuse });
    const atPresign = await failure(client().avatar.upload(file));
    expect(atPresign).toMatchObject({
      code: 'UPLOAD_FAILED',
      stage: 'presign',
      retryable,
      cause: { status },
    });
    backend({ complete: refuse });
    const atComplete = await failure(client().avatar.upload(file));
    expect(atComplete).toMatchObject({
      code: 'UPLOAD_FAILED',
      stage: 'complete',
      retryable,
      cause: { status },
    });
  });

  it('[AV11] passes a file’s own error through and sends nothing', async () => {
    const { names } = backend();
    const reason = new FileError('FILE_TYPE', 'unable to open the picture; it is SVG');
    const imageEncoder = createFakeEncoder({ compress: () => Promise.reject(reason) });
    expect(await failure(client({ imageEncoder }).avatar.upload(file))).toBe(reason);
    expect(names()).toEqual([]);
    // @ts-expect-error a caller without types
    expect(await failure(client().avatar.upload('photo.jpg'))).toBeInstanceOf(TypeError);
  });

  it('[AV12] revokes its object URLs after the published picture took their place, and after a failure', async () => {
    const created = vi.spyOn(URL, 'createObjectURL');
    const revoked = vi.spyOn(URL, 'revokeObjectURL');
    const clock = new FakeClock();
    try {
      backend();
      await client({ clock }).avatar.upload(file);
      backend({ complete: () => HttpResponse.json({}, { status: 400 }) });
      await failure(client({ clock }).avatar.upload(file));
      const urls = created.mock.results.map(({ value }) => String(value));
      const gone = () => urls.filter((url) => revoked.mock.calls.some(([address]) => address === url));
      expect(urls).toHaveLength(4);
      expect(gone()).toEqual([]);
      await clock.advance(1_000);
      expect(gone()).toEqual(urls);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it.each([
    'http://storage.example.com/k',
    'ftp://storage.example.com/k',
    'javascript:alert(1)',
    '/relative',
  ])('[AV14] refuses to put to %s', async (url) => {
    const uploads = ['avatar', 'thumb'].map((type) => ({ type, key: 'k', url }));
    const { names } = backend({ presign: () => ({ uploads }) });
    expect(await failure(client().avatar.upload(file))).toMatchObject({
      code: 'UNSAFE_URL',
      stage: 'presign',
    });
    expect(names()).toEqual(['presign']);
  });

  it('[AV15] rejects a presign answer without a ticket for a picture', async () => {
    backend({ presign: () => ({ uploads: [{ type: 'avatar', key: 'k', url: `${storage}/k` }] }) });
    expect(await failure(client().avatar.upload(file))).toMatchObject({
      code: 'UPLOAD_FAILED',
      stage: 'presign',
      cause: { code: 'BAD_RESPONSE' },
    });
  });

  it('[AV16] sends a presigned POST as a form with the file last', async () => {
    const forms: string[][] = [];
    const fields = { key: 'k', policy: 'p' };
    backend({
      presign: () => ({
        uploads: ['avatar', 'thumb'].map((type) => ({ type, key: type, url: `${storage}/form`, fields })),
      }),
    });
    server.use(
      http.post(`${storage}/form`, async ({ request }) => {
        forms.push([...(await request.formData()).keys()]);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await client().avatar.upload(file);
    expect(forms).toEqual([
      ['key', 'policy', 'file'],
      ['key', 'policy', 'file'],
    ]);
  });
});

describe('delete', () => {
  it('[AV13] shows initials at once and keeps them', async () => {
    let answer = () => {};
    backend({
      remove: () =>
        new Promise<Response>((resolve) => {
          answer = () => resolve(HttpResponse.json({ success: true, avatar_version: 3 }));
        }),
    });
    const sdk = client();
    const { me } = await watchMe(sdk);
    const deletion = sdk.avatar.delete();
    expect(me.getSnapshot()).toMatchObject({ avatar: null, pending: true });
    await delay(20);
    answer();
    await deletion;
    expect(me.getSnapshot()).toMatchObject({ avatar: null, pending: false });
  });

  it('[AV13] succeeds when there is none, and brings the picture back when it fails', async () => {
    backend({ remove: () => HttpResponse.json({ error: 'none' }, { status: 404 }) });
    await client().avatar.delete();
    backend({ remove: () => HttpResponse.json({ error: 'no' }, { status: 403 }) });
    const sdk = client();
    const { me } = await watchMe(sdk);
    expect(await failure(sdk.avatar.delete())).toMatchObject({ code: 'FORBIDDEN' });
    expect(me.getSnapshot()).toMatchObject({ pending: false, avatar: { version: 1 } });
  });
});
