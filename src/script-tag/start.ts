import { connectVisavis, wireEvents, wirePictures } from '../dom/index.ts';
import { type ClientOptions, localMemory, type TokenRequest, type VisavisClient } from '../index.ts';
import { createClient } from './create-client.ts';
import { pageValue } from './page-value.ts';
import { chatPresets, picturePresets } from './presets.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

/** Attributes that mean nothing without a signed-in user. */
const settings = [
  'baseUrl',
  'preset',
  'chat',
  'tokenFrom',
  'connect',
  'credentials',
  'idType',
  'pictures',
  'events',
  'remember',
];

/**
 * Starts what the script tag's `data-` attributes ask for; docs/script-tag.md lists them. Nothing starts where they say
 * nothing, and where nobody is signed in: `data-user-id=""`.
 *
 * @throws TypeError for an attribute that cannot be what it is.
 */
export function startFrom(attributes: Attributes): VisavisClient | undefined {
  const userId = signedIn(attributes);
  if (userId === null) return;
  const shouldConnect = flag(attributes, 'connect', true);
  const wantsPictures = flag(attributes, 'pictures', true);
  const wantsEvents = flag(attributes, 'events', true);
  const idType = choice(attributes, 'idType', { string: 'string', number: 'number' } as const);

  const client = createClient(optionsOf(attributes, userId));
  connectVisavis(client);
  if (wantsPictures) wirePictures(client);
  if (wantsEvents) wireEvents(client, { idType });
  if (shouldConnect) client.realtime.connect();
  return client;
}

function optionsOf(attributes: Attributes, userId: string | number): ClientOptions {
  const { baseUrl = '/', tokenFrom } = attributes;
  const preset = choice(attributes, 'preset', picturePresets) ?? picturePresets.presigned;
  const chat = choice(attributes, 'chat', chatPresets);
  const credentials = choice(attributes, 'credentials', {
    omit: 'omit',
    include: 'include',
    'same-origin': 'same-origin',
  } as const);
  return {
    baseUrl,
    userId,
    preset: flag(attributes, 'remember', false) ? { ...preset, memory: localMemory } : preset,
    ...(chat && { chat }),
    ...(credentials && { credentials }),
    ...(tokenFrom && { getToken: tokenReader(tokenFrom) }),
  };
}

function signedIn(attributes: Attributes): string | number | null {
  const { userId, userIdFrom } = attributes;
  if (userId === undefined && userIdFrom === undefined) {
    const lost = settings.find((name) => attributes[name] !== undefined);
    if (lost) throw new TypeError(`${attributeOf(lost)} needs data-user-id or data-user-id-from beside it`);
    return null;
  }
  const id = userIdFrom === undefined ? userId : pageValue(userIdFrom)({ refresh: false });
  if (id === undefined || id === null || id === '') return null;
  if (typeof id === 'string' || typeof id === 'number') return id;
  throw new TypeError(`data-user-id-from="${userIdFrom}" gives no id`);
}

function tokenReader(where: string) {
  const read = pageValue(where);
  return async (request: TokenRequest) => {
    const token: unknown = await read(request);
    return typeof token === 'string' ? token : null;
  };
}

function choice<T>(attributes: Attributes, name: string, values: Readonly<Record<string, T>>): T | undefined {
  const value = attributes[name];
  if (value === undefined) return;
  if (Object.hasOwn(values, value)) return values[value];
  throw new TypeError(`${attributeOf(name)}="${value}" is none of ${Object.keys(values).join(', ')}`);
}

function flag(attributes: Attributes, name: string, otherwise: boolean): boolean {
  if (attributes[name] === '') return true;
  return choice(attributes, name, { true: true, false: false }) ?? otherwise;
}

/** A name in `dataset` as it is written in HTML. */
function attributeOf(name: string): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
