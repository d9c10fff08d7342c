import {
  answeredByEvents,
  type ChatPreset,
  chat,
  chatV2,
  createClient,
  definePreset,
  type Preset,
  presigned,
} from '../../src/index.ts';

const baseUrl = 'https://api.example.com';

// What is named differs, with every parameter's type known.
const own = definePreset({
  extends: presigned,
  name: 'own',
  routes: {
    presign: { path: () => '/uploads' },
    deleteAvatar: null,
    profile: {
      path: ({ userId }) => `/people/${userId}`,
      parse: ({ status, body }, { userId }, { at }) =>
        status === 404 || body === undefined
          ? null
          : [{ kind: 'name', userId, value: String(body), stamp: { rank: 0, value: at } }],
    },
  },
  events: {
    'picture.changed': (payload, { resolveUrl, userId, at }) => [
      {
        kind: 'avatar',
        userId,
        picture: { url: resolveUrl(String(payload)), thumbUrl: resolveUrl(String(payload)) },
        stamp: { rank: 0, value: at },
      },
    ],
    'user:avatar:deleted': null,
  },
  picture: { size: 512 },
});
own satisfies Preset;
createClient({ baseUrl, userId: 'u1', preset: own, chat });
// Once more, from one's own.
definePreset({ extends: own, routes: { complete: { path: () => '/done' } } });

const ownChat = definePreset({
  extends: chat,
  maxTextLength: 5_000,
  routes: { send: { path: ({ conversationId }) => `/threads/${conversationId}` }, sync: null },
  emits: { typing: ({ conversationId, isTyping }) => ({ name: 'typing', args: [conversationId, isTyping] }) },
});
ownChat satisfies ChatPreset;
definePreset({
  extends: chatV2,
  commands: { markSeen: null },
  dialect: answeredByEvents({
    signIn: (token) => ({ name: 'hello', args: [token] }),
    accepted: ['welcome'],
    refused: [],
    keyOf: ({ name }) => name,
    answers: (name) => [name],
  }),
}) satisfies ChatPreset;
createClient({ baseUrl, userId: 'u1', chat: ownChat });

// @ts-expect-error no such route
definePreset({ extends: presigned, routes: { avatar: { path: () => '/x' } } });
// @ts-expect-error no such part of a route
definePreset({ extends: presigned, routes: { presign: { url: () => '/x' } } });
// @ts-expect-error a path is made from the input
definePreset({ extends: presigned, routes: { presign: { path: '/x' } } });
// @ts-expect-error this input has no user
definePreset({ extends: presigned, routes: { presign: { path: ({ userId }) => `/${userId}` } } });
// @ts-expect-error a mapper gives facts
definePreset({ extends: presigned, routes: { profile: { parse: () => ({ name: 'Maya' }) } } });
const half = { kind: 'avatar', userId: '1', picture: { url: '/x' }, stamp: { rank: 0, value: 1 } } as const;
// @ts-expect-error a picture has two addresses
definePreset({ extends: presigned, routes: { complete: { parse: () => half } } });
// @ts-expect-error without presign nothing goes up
definePreset({ extends: presigned, routes: { presign: null } });
// @ts-expect-error where there is none, a route must be whole
definePreset({ extends: presigned, routes: { history: { path: () => '/x' } } });
// @ts-expect-error an event becomes facts
definePreset({ extends: presigned, events: { changed: () => 'maya' } });
// @ts-expect-error no such field
definePreset({ extends: presigned, limits: {} });
// @ts-expect-error no such rule
definePreset({ extends: presigned, picture: { side: 512 } });
// @ts-expect-error another kind of preset
createClient({ baseUrl, userId: 'u1', preset: chat });
// @ts-expect-error another kind of preset
createClient({ baseUrl, userId: 'u1', chat: presigned });
// @ts-expect-error pictures have no such route
definePreset({ extends: presigned, routes: { send: { path: () => '/x' } } });
// @ts-expect-error an answer becomes a message
definePreset({ extends: chat, commands: { send: { emit: () => null, parse: () => 'sent' } } });
// @ts-expect-error an emit is an event with its arguments
definePreset({ extends: chat, emits: { presence: () => 'online' } });
