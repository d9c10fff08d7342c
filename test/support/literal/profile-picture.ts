import { randomUUID } from 'node:crypto';
import { type Call, type LiteralServer, type Reply, type Routes, startLiteral } from './literal-server.ts';
import { threePeople } from './people.ts';

export interface ProfilePictureOptions {
  /** The serverless deployment: other paths, JSON only, about 6 MB, and nothing is remembered. */
  stateless?: boolean;
  /** The history as a list, without the object around it. */
  bareHistory?: boolean;
}

export interface PictureRecord {
  readonly id: number;
  readonly userId: number;
  readonly filename: string;
  readonly originalName: string;
  readonly filePath: string;
  readonly fileSize: number;
  readonly mimeType: string;
  readonly uploadDate: string;
  isActive: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly version: number;
}

export interface ProfilePictureServer extends LiteralServer {
  /** The file name of the user's picture. */
  stateOf(userId: number): string;
  readonly pictures: readonly PictureRecord[];
}

interface SentPicture {
  userId: number;
  bytes: Buffer;
  type: string;
  name: string;
}

const NO_PICTURE = 'default-avatar.jpg';
const MEGABYTE = 1024 * 1024;

/** System C as it runs. */
export async function startProfilePicture(
  options: ProfilePictureOptions = {},
): Promise<ProfilePictureServer> {
  const { stateless = false, bareHistory = false } = options;
  const pictures: PictureRecord[] = [];
  const files = new Map<string, { type: string; bytes: Buffer }>();
  const shown = new Map<number, string>(threePeople().map(({ id }) => [id, NO_PICTURE]));
  const base = stateless ? '/api/profile-picture-api' : '/api/profile';

  const refuse = (status: number, error: string): Reply => ({ status, body: { error } });
  const pathOf = (filename: string) => `/uploads/profile-pictures/${filename}`;

  async function readPicture(call: Call): Promise<SentPicture | Reply> {
    if (!stateless) {
      const form = await call.form().catch(() => new FormData());
      const file = form.get('profilePicture');
      if (!(file instanceof File)) return refuse(400, 'No file uploaded');
      const bytes = Buffer.from(await file.arrayBuffer());
      return { userId: Number(form.get('userId') ?? undefined), bytes, type: file.type, name: file.name };
    }
    if (!String(call.headers['content-type']).startsWith('application/json'))
      return refuse(400, 'Multipart uploads are not supported');
    const { userId, base64Image, filename } = call.json();
    const [, type, base64 = ''] = /^data:(.+?);base64,(.+)$/s.exec(String(base64Image)) ?? [];
    if (type === undefined) return refuse(400, 'base64Image is required');
    return { userId: Number(userId), bytes: Buffer.from(base64, 'base64'), type, name: String(filename) };
  }

  function remember({ userId, bytes, type, name }: SentPicture, filename: string): void {
    if (stateless) return;
    const own = pictures.filter((picture) => picture.userId === userId);
    for (const picture of own) picture.isActive = false;
    pictures.push({
      id: pictures.length + 1,
      userId,
      filename,
      originalName: name,
      filePath: pathOf(filename),
      fileSize: bytes.length,
      mimeType: type,
      uploadDate: new Date().toISOString(),
      isActive: true,
      metadata: {},
      version: own.length + 1,
    });
    files.set(filename, { type, bytes });
    shown.set(userId, filename);
  }

  function read(userId: unknown): Reply {
    const profilePicture = shown.get(Number(userId));
    if (profilePicture === undefined) return refuse(404, 'User not found');
    const isNone = profilePicture === NO_PICTURE;
    const profilePicturePath = isNone ? `/uploads/${NO_PICTURE}` : pathOf(profilePicture);
    return { body: { success: true, profilePicture, profilePicturePath } };
  }

  const routes: Routes = {
    [`POST ${base}/upload-picture`]: async (call) => {
      const picture = await readPicture(call);
      if (!('bytes' in picture)) return picture;
      const { userId, bytes, type } = picture;
      if (!shown.has(userId)) return refuse(400, 'userId is required');
      if (!/^image\/(jpeg|png|gif|webp)$/.test(type)) return refuse(400, 'Only image files are allowed');
      if (bytes.length > 10 * MEGABYTE) return refuse(400, 'File too large');
      const filename = `${userId}-${randomUUID()}.${type.split('/')[1]}`;
      remember(picture, filename);
      const data = stateless ? { profilePictureData: `data:${type};base64,${bytes.toString('base64')}` } : {};
      const user = { userId, profilePicture: filename, ...data, updatedAt: new Date().toISOString() };
      return { body: { success: true, message: 'Profile picture uploaded', filename, user } };
    },

    ...(stateless
      ? { [`GET ${base}/picture`]: ({ query }) => read(query.get('userId')) }
      : { [`GET ${base}/picture/:userId`]: ({ params }) => read(params.userId) }),

    [`PUT ${base}/update-picture`]: ({ json }) => {
      const { userId, profilePicture, updatedAt } = json();
      if (!stateless) shown.set(Number(userId), String(profilePicture));
      const user = { userId, profilePicture, updatedAt };
      return { body: { success: true, message: 'Profile picture updated', user } };
    },

    [`DELETE ${base}/delete-picture`]: ({ json }) => {
      const userId = Number(json().userId);
      for (const picture of pictures) if (picture.userId === userId) picture.isActive = false;
      shown.set(userId, NO_PICTURE);
      return { body: { success: true, message: 'Profile picture deleted' } };
    },

    [`POST ${base}/sync-picture`]: ({ json }) => {
      const { syncTimestamp } = json();
      return { body: { success: true, message: 'Profile picture synced', syncTimestamp } };
    },

    [`GET ${base}/picture-history`]: ({ userId: reader, query }) => {
      const of = Number(query.get('userId') ?? reader);
      const history = pictures
        .filter(({ userId }) => userId === of)
        .map(({ id, userId, filename, uploadDate, isActive }) => ({
          id,
          userId,
          filename,
          uploadDate,
          isActive,
        }));
      return { body: bareHistory ? history : { success: true, history } };
    },
  };

  const server = await startLiteral({
    routes,
    open: {
      [`GET ${pathOf(':filename')}`]: ({ params }) => {
        const file = files.get(params.filename ?? '');
        return file ? { headers: { 'Content-Type': file.type }, body: file.bytes } : refuse(404, 'Not found');
      },
    },
    maxBody: stateless ? 6 * MEGABYTE : 12 * MEGABYTE,
  });
  return { ...server, pictures, stateOf: (userId) => shown.get(userId) ?? NO_PICTURE };
}
