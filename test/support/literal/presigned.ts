import { setTimeout as sleep } from 'node:timers/promises';
import { type LiteralServer, startLiteral } from './literal-server.ts';
import { threePeople } from './people.ts';

export interface PresignedServer extends LiteralServer {
  /** The storage host: another origin, which takes no token. */
  readonly storage: LiteralServer;
  /** What lies in the storage, by key. */
  readonly objects: ReadonlyMap<string, { type: string; bytes: Buffer }>;
  stateOf(userId: number): PictureColumns;
  /** Tells everyone, with nothing but the field that changed. */
  rename(userId: number, name: string): void;
}

interface PictureColumns {
  avatar_url: string | null;
  avatar_thumb_url: string | null;
  avatar_key: string | null;
}

interface PresignedFile {
  type: string;
  key: string;
  contentType: string;
}

/** System A as it runs. `form: true` hands out presigned POST forms instead of PUTs. */
export async function startPresigned({ form = false } = {}): Promise<PresignedServer> {
  const people = threePeople();
  const columns = new Map(people.map(({ id }) => [id, noPicture()]));
  const objects = new Map<string, { type: string; bytes: Buffer }>();
  const promised = new Map<string, PresignedFile>();
  let uploads = 0;

  const storage = await startLiteral({
    open: {
      'PUT /:key(.+)': ({ params, query, headers, body }) => {
        const file = promised.get(query.get('signature') ?? '');
        if (headers.authorization !== undefined) return { status: 400, body: Buffer.from('<Error/>') };
        if (!file || file.key !== params.key || file.contentType !== headers['content-type'])
          return { status: 403 };
        objects.set(file.key, { type: file.contentType, bytes: body });
        return {};
      },
      'POST /': async (call) => {
        if (call.headers.authorization !== undefined) return { status: 400, body: Buffer.from('<Error/>') };
        const fields = await call.form();
        const file = fields.get('file');
        const key = String(fields.get('key'));
        if (promised.get(String(fields.get('signature')))?.key !== key || !(file instanceof File))
          return { status: 403 };
        objects.set(key, { type: file.type, bytes: Buffer.from(await file.arrayBuffer()) });
        return { status: 204 };
      },
      'GET /:key(.+)': ({ params }) => {
        const object = objects.get(params.key ?? '');
        if (!object) return { status: 403 };
        return { headers: { 'Content-Type': object.type }, body: object.bytes };
      },
    },
  });

  const server = await startLiteral({
    routes: {
      'POST /api/users/me/avatar/presign': ({ json, userId }) => {
        const files = json().files as (Omit<PresignedFile, 'key'> & { size: number })[];
        if (files.some(({ contentType }) => !/^image\/(webp|jpeg|png)$/.test(contentType)))
          return { status: 400, body: { error: 'Unsupported file type' } };
        uploads += 1;
        const tickets = files.map(({ type, contentType }) => {
          const key = `avatars/${userId}/${uploads}-${type}.${contentType.split('/')[1]}`;
          const signature = `${uploads}-${type}`;
          promised.set(signature, { type, key, contentType });
          const ticket = { fileId: signature, type, key };
          return form
            ? { ...ticket, url: `${storage.url}/`, fields: { key, signature, 'Content-Type': contentType } }
            : {
                ...ticket,
                url: `${storage.url}/${key}?signature=${signature}`,
                method: 'PUT',
                headers: { 'Content-Type': contentType },
              };
        });
        return { body: { uploads: tickets, expiresIn: 300 } };
      },

      'POST /api/users/me/avatar/complete': async ({ json, userId }) => {
        const sent = json().uploads as { type: string; key: string; url: string }[];
        const avatar = sent.find(({ type }) => type === 'avatar');
        if (!avatar) return { status: 400, body: { error: 'No avatar uploaded' } };
        const thumb = sent.find(({ type }) => type === 'thumb') ?? avatar;
        const urls = {
          avatar_url: `${storage.url}/${avatar.key}`,
          avatar_thumb_url: `${storage.url}/${thumb.key}`,
        };
        columns.set(userId, { ...urls, avatar_key: avatar.key });
        io.emit('user:avatar:updated', { userId, ...urls });
        await headStart();
        return { body: { ok: true, ...urls } };
      },

      'DELETE /api/users/me/avatar': async ({ userId }) => {
        const key = columns.get(userId)?.avatar_key ?? null;
        if (key === null) return { status: 404, body: { error: 'No avatar' } };
        // The thumb stays behind.
        objects.delete(key);
        columns.set(userId, noPicture());
        io.emit('user:avatar:deleted', { userId });
        await headStart();
        return { body: { success: true } };
      },

      'GET /api/users/:id/profile': ({ params }) => {
        const user = people.find(({ id }) => String(id) === params.id);
        if (!user) return { status: 404, body: { error: 'User not found' } };
        const { avatar_url, avatar_thumb_url } = columns.get(user.id) ?? noPicture();
        const { id, name: display_name, username } = user;
        return { body: { id, display_name, username, avatar_url, avatar_thumb_url } };
      },
    },
  });
  const io = server.sockets(() => {});

  return {
    ...server,
    storage,
    objects,
    stateOf: (userId) => columns.get(userId) ?? noPicture(),
    rename(userId, name) {
      for (const user of people) if (user.id === userId) user.name = name;
      io.emit('user:profile:updated', { userId, display_name: name });
    },
    async close() {
      await Promise.all([server.close(), storage.close()]);
    },
  };
}

function noPicture(): PictureColumns {
  return { avatar_url: null, avatar_thumb_url: null, avatar_key: null };
}

/** Events go out before the answer: far enough that they also come in before it. */
function headStart(): Promise<unknown> {
  return sleep(20);
}
