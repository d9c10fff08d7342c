import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Route } from '../protocol/route.ts';
import type { Preset } from './preset.ts';

/** One route's changes: parts of one that is there, a whole one where there is none. */
type RouteChange<R> = null extends R ? R : Partial<R>;
/** Only what a backend may lack can be taken away. */
type Optional<B extends Preset | ChatPreset> = B extends Preset
  ? keyof { [Name in keyof Preset['routes'] as null extends Preset['routes'][Name] ? Name : never]: 0 }
  : keyof {
      [Name in keyof ChatPreset['routes'] as null extends ChatPreset['routes'][Name] ? Name : never]: 0;
    };

type RouteChanges<B extends Preset | ChatPreset> = {
  readonly [Name in keyof B['routes']]?:
    | RouteChange<B['routes'][Name]>
    | (Name extends Optional<B> ? null : never);
};

/** Fields that hold others by name: what is not named stays as it is. */
type Gathered = 'picture' | 'emits' | 'commands' | 'capabilities';

/** What differs from the preset that is extended. */
export type PresetChanges<B extends Preset | ChatPreset> = {
  readonly extends: B;
  readonly routes?: RouteChanges<B>;
  /** Events by their wire name; `null` for one that this backend means otherwise. */
  readonly events?: { readonly [Name in string]: B['events'][string] | null };
} & {
  readonly [Field in Exclude<keyof B, 'routes' | 'events'>]?: Field extends Gathered
    ? Partial<B[Field]>
    : B[Field];
};

/**
 * Makes a preset of one's own from one that ships: whatever is named differs, everything else stays.
 *
 * @throws TypeError for a route that is not whole, where the extended preset has none.
 * @example
 * const own = definePreset({
 *   extends: presigned,
 *   routes: { deleteAvatar: { path: () => '/me/photo' }, history: null },
 * });
 */
export function definePreset<B extends Preset | ChatPreset>(changes: PresetChanges<B>): B {
  const { extends: base, routes, events, ...fields } = changes;
  const gathered = Object.entries(fields).map(([name, value]) => {
    const held: unknown = Reflect.get(base, name);
    return [name, isPlain(held) && isPlain(value) ? { ...held, ...value } : value];
  });
  return {
    ...base,
    ...Object.fromEntries(gathered),
    routes: changeRoutes(base.routes, routes ?? {}),
    events: Object.fromEntries(
      Object.entries({ ...base.events, ...events }).filter(([, parser]) => parser !== null),
    ),
  };
}

type AnyRoute = Route<never, unknown>;

function changeRoutes(base: object, changes: object): object {
  const merged: Record<string, AnyRoute | null> = { ...base };
  for (const [name, change] of Object.entries(changes) as [string, Partial<AnyRoute> | null][]) {
    const { body, form, ...held } = merged[name] ?? {};
    // A body of one kind takes the other's place.
    const sent = change?.body || change?.form ? {} : { ...(body && { body }), ...(form && { form }) };
    const route = { ...held, ...sent, ...change };
    if (change && !isWhole(route)) {
      throw new TypeError(`unable to define the preset; its route "${name}" is not whole`);
    }
    merged[name] = change && isWhole(route) ? route : null;
  }
  return merged;
}

function isWhole(route: Partial<AnyRoute>): route is AnyRoute {
  return Boolean(route.method && route.path && route.parse && route.purpose);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
