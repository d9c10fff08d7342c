import { randomUUID } from 'node:crypto';
import type { Person } from './chat-support.ts';
import type { Json } from './support.ts';

/** What the routes can be asked about. */
export interface Scene {
  maya: Person;
  jonas: Person;
  /** Of Maya and Jonas. */
  chat: string;
  bid: string;
  message: string;
}

export interface Route {
  method: string;
  path: string;
}

export interface Target extends Route {
  /** Whether it takes a token; development routes exist nowhere else. */
  access: 'private' | 'public' | 'development';
  /** Good values of what is in its path. */
  params?: (scene: Scene) => Record<string, string>;
  /** The names its query may have. */
  query?: readonly string[];
  /** A body it takes from Maya. */
  body?: (scene: Scene) => Record<string, unknown>;
  /** Where it takes a picture in a form. */
  form?: PictureField;
}

export interface PictureField {
  field: string;
  maxBytes: number;
  types: readonly string[];
}

const anyPicture = ['jpeg', 'png', 'gif', 'webp'];

const ofChat = ({ chat }: Scene) => ({ id: chat });
const ofMaya = () => ({ id: 'u1' });
const direct = ({ chat }: Scene) => ({
  conversation_id: chat,
  receiver_id: 'u2',
  message: 'x',
  media_url: 'https://pictures.example/x.png',
  client_id: randomUUID(),
});

function profilePicture(base: string): Target[] {
  const mine = () => ({ userId: 'u1' });
  return [
    {
      method: 'POST',
      path: `${base}/upload-picture`,
      access: 'private',
      body: () => ({ userId: 'u1', base64Image: 'AAAA', filename: 'x.png' }),
      form: { field: 'profilePicture', maxBytes: 10 * 2 ** 20, types: anyPicture },
    },
    { method: 'GET', path: `${base}/picture/:userId`, access: 'private', params: mine },
    { method: 'GET', path: `${base}/picture`, access: 'private', query: ['userId'] },
    {
      method: 'PUT',
      path: `${base}/update-picture`,
      access: 'private',
      body: () => ({ userId: 'u1', profilePicture: 'of-nobody.webp' }),
    },
    { method: 'DELETE', path: `${base}/delete-picture`, access: 'private', body: mine },
    {
      method: 'POST',
      path: `${base}/sync-picture`,
      access: 'private',
      body: () => ({ userId: 'u1', syncTimestamp: 'now' }),
    },
    { method: 'GET', path: `${base}/picture-history`, access: 'private', query: ['userId'] },
  ];
}

/** Every route of the server. A test holds this list and the server's own together. */
export const targets: readonly Target[] = [
  { method: 'GET', path: '/api/capabilities', access: 'public' },
  { method: 'GET', path: '/healthz', access: 'public' },
  { method: 'GET', path: '/readyz', access: 'public' },
  { method: 'GET', path: '/dev/people', access: 'development' },
  {
    method: 'POST',
    path: '/dev/login',
    access: 'development',
    body: () => ({ userId: 'u1', ttlSeconds: 60 }),
  },
  { method: 'GET', path: '/test-socket', access: 'development' },
  {
    method: 'POST',
    path: '/test-message',
    access: 'development',
    body: ({ chat }) => ({ conversationId: chat, senderId: 'u1', receiverId: 'u2', message: 'x' }),
  },
  { method: 'GET', path: '/dev/pushes', access: 'development' },
  {
    method: 'POST',
    path: '/api/users/me/avatar/presign',
    access: 'private',
    body: () => ({ files: [{ type: 'avatar', filename: 'x.webp', contentType: 'image/webp', size: 100 }] }),
  },
  {
    method: 'POST',
    path: '/api/users/me/avatar/complete',
    access: 'private',
    body: () => ({ uploads: [{ type: 'avatar', key: 'avatars-staging/u1/x/avatar.webp', url: 'x' }] }),
  },
  { method: 'DELETE', path: '/api/users/me/avatar', access: 'private' },
  { method: 'GET', path: '/api/users/:id/profile', access: 'private', params: ofMaya },
  {
    method: 'PATCH',
    path: '/api/users/me/profile',
    access: 'private',
    body: () => ({ display_name: 'Maya L' }),
  },
  {
    method: 'GET',
    path: '/api/conversations',
    access: 'private',
    query: ['user_id', 'role', 'page', 'limit'],
  },
  {
    method: 'GET',
    path: '/api/messages/conversations',
    access: 'private',
    query: ['user_id', 'role', 'page', 'limit'],
  },
  {
    method: 'POST',
    path: '/api/conversations',
    access: 'private',
    body: () => ({ receiver_id: 'u2', conversation_type: 'direct', bid_id: 'b1', campaign_id: 'c1' }),
  },
  { method: 'GET', path: '/api/conversations/:id', access: 'private', params: ofChat },
  {
    method: 'GET',
    path: '/api/conversations/:id/messages',
    access: 'private',
    params: ofChat,
    query: ['page', 'limit', 'before_seq', 'after_seq'],
  },
  { method: 'POST', path: '/api/messages/send', access: 'private', body: direct },
  { method: 'POST', path: '/api/messages', access: 'private', body: direct },
  {
    method: 'POST',
    path: '/api/conversations/:id/messages',
    access: 'private',
    params: ofChat,
    body: direct,
  },
  { method: 'DELETE', path: '/api/messages/:id', access: 'private', params: () => ({ id: randomUUID() }) },
  {
    method: 'POST',
    path: '/api/messages/mark-seen',
    access: 'private',
    body: ({ message }) => ({ message_id: message, user_id: 'u1' }),
  },
  {
    method: 'PUT',
    path: '/api/conversations/:id/seen',
    access: 'private',
    params: ofChat,
    body: () => ({ up_to_seq: 1 }),
  },
  {
    method: 'POST',
    path: '/api/conversations/:id/state',
    access: 'private',
    params: ({ bid }) => ({ id: bid }),
    body: () => ({ flow_state: 'negotiating', awaiting_role: 'brand_owner', chat_status: 'realtime' }),
  },
  { method: 'GET', path: '/api/sync', access: 'private', query: ['since', 'limit'] },
  {
    method: 'POST',
    path: '/api/fcm/register',
    access: 'private',
    body: () => ({ token: 'phone', device_type: 'web', device_id: 'd1' }),
  },
  { method: 'POST', path: '/api/fcm/unregister', access: 'private', body: () => ({ token: 'phone' }) },
  {
    method: 'GET',
    path: '/api/users/media/:id',
    access: 'public',
    params: () => ({ id: '0'.repeat(32) }),
    query: ['thumbnail'],
  },
  { method: 'GET', path: '/uploads/default-avatar.jpg', access: 'public' },
  { method: 'GET', path: '/api/users/:id', access: 'private', params: ofMaya },
  {
    method: 'POST',
    path: '/api/users/:id/profile-picture',
    access: 'private',
    params: ofMaya,
    form: { field: 'file', maxBytes: 800 * 1024, types: ['jpeg', 'png', 'gif'] },
  },
  { method: 'DELETE', path: '/api/users/:id/profile-picture', access: 'private', params: ofMaya },
  ...profilePicture('/api/profile'),
  ...profilePicture('/api/profile-picture-api'),
  {
    method: 'POST',
    path: '/api/upload/profile',
    access: 'private',
    form: { field: 'file', maxBytes: 10 * 2 ** 20, types: anyPicture },
  },
  {
    method: 'POST',
    path: '/api/media',
    access: 'private',
    form: { field: 'file', maxBytes: 5_000_000, types: ['jpeg', 'png', 'webp'] },
  },
  { method: 'PUT', path: '/storage/*', access: 'public' },
  { method: 'GET', path: '/files/*', access: 'public' },
  { method: 'GET', path: '/*', access: 'public' },
  { method: 'GET', path: '/shared/*', access: 'public' },
  { method: 'GET', path: '/react', access: 'public' },
  { method: 'GET', path: '/vue', access: 'public' },
  { method: 'GET', path: '/react/*', access: 'public' },
  { method: 'GET', path: '/vue/*', access: 'public' },
  { method: 'GET', path: '/plain', access: 'development' },
  { method: 'GET', path: '/plain/', access: 'development' },
  { method: 'GET', path: '/plain/*', access: 'development' },
  { method: 'GET', path: '/visavis/*', access: 'public' },
];

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** Its address, with these instead of the good values. */
export function addressOf(target: Target, scene: Scene, change: Record<string, string> = {}): string {
  const params: Json = { '*': 'x', ...target.params?.(scene), ...change };
  return target.path.replace(/:(\w+)|\*/g, (all, name) => params[name ?? all]);
}
