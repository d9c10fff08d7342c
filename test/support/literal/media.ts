import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { type LiteralServer, type Reply, startLiteral } from './literal-server.ts';
import { threePeople } from './people.ts';

/** What the document leaves open. */
export interface MediaOptions {
  /** Form field of the picture. */
  field?: string;
  tooLarge?: number;
  wrongType?: number;
  /** Whether pictures are behind the bearer token too. */
  privatePictures?: boolean;
  uploadsPerMinute?: number;
  /** Whether the server has system A's events. */
  events?: boolean;
}

export interface MediaRecord {
  readonly id: string;
  readonly filename: string;
  readonly original_filename: string;
  readonly file_size: number;
  readonly media_type: 'profile_picture';
  readonly mime_type: string;
  readonly uploader_id: number;
  readonly thumbnail: Buffer;
  readonly width: number;
  readonly height: number;
  readonly created_at: string;
  views: number;
  deleted: boolean;
}

export interface MediaServer extends LiteralServer {
  /** The media id of the user's picture. */
  stateOf(userId: number): string | null;
  /** Every record, deleted ones too. */
  readonly records: ReadonlyMap<string, MediaRecord>;
}

/** 800 KB at its narrowest. */
const MAX_BYTES = 800_000;

/** System B as it is documented. */
export async function startMedia(options: MediaOptions = {}): Promise<MediaServer> {
  const { field = 'file', tooLarge = 413, wrongType = 415, uploadsPerMinute = 5 } = options;
  const people = threePeople();
  const shown = new Map<number, string>();
  const records = new Map<string, MediaRecord>();
  const files = new Map<string, Buffer>();
  const uploads = new Map<number, number[]>();

  const refuse = (status: number, message: string): Reply => ({ status, body: { success: false, message } });

  function isTooOften(userId: number): boolean {
    const recent = (uploads.get(userId) ?? []).filter((time) => time > Date.now() - 60_000);
    uploads.set(userId, [...recent, Date.now()]);
    return recent.length >= uploadsPerMinute;
  }

  async function store(uploader_id: number, file: File, mime_type: string): Promise<MediaRecord> {
    const bytes = Buffer.from(await file.arrayBuffer());
    const { width, height } = await sharp(bytes).metadata();
    const record: MediaRecord = {
      id: randomBytes(12).toString('hex'),
      filename: `${randomBytes(16).toString('hex')}.${mime_type.split('/')[1]}`,
      original_filename: file.name,
      file_size: bytes.length,
      media_type: 'profile_picture',
      mime_type,
      uploader_id,
      thumbnail: await sharp(bytes).resize(150, 150).toBuffer(),
      width,
      height,
      created_at: new Date().toISOString(),
      views: 0,
      deleted: false,
    };
    records.set(record.id, record);
    files.set(record.id, bytes);
    return record;
  }

  const picture = {
    'GET /api/users/media/:id': ({
      params,
      query,
    }: {
      params: Record<string, string>;
      query: URLSearchParams;
    }) => {
      const record = records.get(params.id ?? '');
      if (!record || record.deleted) return refuse(404, 'Media not found');
      record.views += 1;
      const body = query.get('thumbnail') === 'true' ? record.thumbnail : files.get(record.id);
      return { headers: { 'Content-Type': record.mime_type }, body };
    },
  };

  const server = await startLiteral({
    refusal: (message) => ({ success: false, message }),
    open: options.privatePictures ? {} : picture,
    routes: {
      ...(options.privatePictures ? picture : {}),

      'POST /api/users/:id/profile-picture': async ({ params, userId, form }) => {
        if (params.id !== String(userId)) return refuse(403, 'You can only change your own picture');
        if (isTooOften(userId)) return refuse(429, 'Too many uploads, try again later');
        const file = (await form().catch(() => new FormData())).get(field);
        if (!(file instanceof File)) return refuse(400, 'No file uploaded');
        if (file.size > MAX_BYTES) return refuse(tooLarge, 'File must be at most 800 KB');
        const type = sniff(Buffer.from(await file.arrayBuffer()));
        if (type === undefined) return refuse(wrongType, 'Only JPG, PNG or GIF allowed');
        const { id } = await store(userId, file, type);
        shown.set(userId, id);
        const avatar_url = `${server.url}/api/users/media/${id}`;
        io?.emit('user:avatar:updated', {
          userId,
          avatar_url,
          avatar_thumb_url: `${avatar_url}?thumbnail=true`,
        });
        return { body: { success: true, message: 'Profile picture updated' } };
      },

      'DELETE /api/users/:id/profile-picture': ({ params, userId }) => {
        if (params.id !== String(userId)) return refuse(403, 'You can only change your own picture');
        const record = records.get(shown.get(userId) ?? '');
        if (!record) return refuse(404, 'No profile picture');
        record.deleted = true;
        shown.delete(userId);
        io?.emit('user:avatar:deleted', { userId });
        return { body: { success: true, message: 'Profile picture deleted' } };
      },

      'GET /api/users/:id': ({ params }) => {
        const user = people.find(({ id }) => String(id) === params.id);
        if (!user) return refuse(404, 'User not found');
        return { body: { ...user, profile_picture: shown.get(user.id) ?? null } };
      },
    },
  });
  const io = options.events ? server.sockets(() => {}) : undefined;

  return { ...server, records, stateOf: (userId) => shown.get(userId) ?? null };
}

function sniff(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 8);
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start === '\x89PNG\r\n\x1a\n') return 'image/png';
  return /^GIF8[79]a/.test(start) ? 'image/gif' : undefined;
}
