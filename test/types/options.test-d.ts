import {
  type Avatar,
  createClient,
  type EncodedPicture,
  type ErrorCode,
  FileError,
  HttpError,
  type PictureInfo,
  type Preset,
  presigned,
  UploadError,
  VisavisError,
} from '../../src/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const baseUrl = 'https://api.example.com';
const file = new Blob();

// What must be there, and what may.
createClient({ baseUrl, userId: 'u1' });
createClient({ baseUrl, userId: 1, getToken: () => null });
createClient({ baseUrl, userId: 'u1', getToken: async ({ refresh }) => (refresh ? 'new' : 'old') });
createClient({ baseUrl, userId: 'u1', socket: { path: '/ws', transports: ['websocket'] } });
createClient({ baseUrl, userId: 'u1', pictures: { size: 512, filter: 'fast', worker: false } });
// @ts-expect-error the backend's address is needed
createClient({ userId: 'u1' });
// @ts-expect-error the user is needed
createClient({ baseUrl });
// @ts-expect-error no such option
createClient({ baseUrl, userId: 'u1', token: 'x' });
// @ts-expect-error a token is text
createClient({ baseUrl, userId: 'u1', getToken: () => 1 });
// @ts-expect-error no such transport
createClient({ baseUrl, userId: 'u1', socket: { transports: ['carrier-pigeon'] } });
// @ts-expect-error no such filter
createClient({ baseUrl, userId: 'u1', pictures: { filter: 'best' } });
// @ts-expect-error a preset is an object, not a name
createClient({ baseUrl, userId: 'u1', preset: 'presigned' });

// A preset of one's own starts from one that ships.
const own: Preset = {
  ...presigned,
  name: 'own',
  routes: {
    ...presigned.routes,
    deleteAvatar: { ...presigned.routes.deleteAvatar, path: () => '/me/photo' },
  },
};
createClient({ baseUrl, userId: 'u1', preset: own });
// @ts-expect-error a path is made from the input
own.routes.profile.path satisfies string;
// @ts-expect-error a preset does not change
own.name = 'other';

const client = createClient({ baseUrl, userId: 'u1' });
const { avatar } = client;
const { signal } = new AbortController();

same<ReturnType<typeof avatar.upload>, Promise<Avatar>>(true);
same<ReturnType<typeof avatar.delete>, Promise<void>>(true);
same<ReturnType<typeof avatar.inspect>, Promise<PictureInfo>>(true);
same<ReturnType<typeof avatar.compress>, Promise<readonly EncodedPicture[]>>(true);
void avatar.upload(file, {
  signal,
  crop: { x: 0, y: 0, width: 10, height: 10 },
  onProgress: ({ fraction }) => fraction,
});
// An optional signal can be handed on as it is.
void avatar.upload(file, { signal: undefined });
// @ts-expect-error a file, not its address
void avatar.upload('me.jpg');
// @ts-expect-error a crop has four numbers
void avatar.upload(file, { crop: { x: 0, y: 0, size: 10 } });
// @ts-expect-error no such option
void avatar.upload(file, { quality: 1 });
// @ts-expect-error a read has no crop
void avatar.inspect(file, { crop: { x: 0, y: 0, width: 10, height: 10 } });
// @ts-expect-error the user does not change
client.userId = 'u2';

// Errors are told apart by class and by code.
export function explain(error: unknown): string {
  if (error instanceof FileError) return error.details.maxBytes?.toString() ?? error.code;
  if (error instanceof UploadError)
    same<typeof error.stage, 'inspect' | 'compress' | 'presign' | 'put' | 'complete'>(true);
  if (error instanceof HttpError) return `${error.status} ${error.retryAfterMs ?? ''}`;
  if (error instanceof VisavisError) same<typeof error.code, ErrorCode>(true);
  // @ts-expect-error no such code
  if (error instanceof VisavisError && error.code === 'OOPS') return 'never';
  return '';
}
