import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  onMounted,
  onScopeDispose,
  type Ref,
  type ShallowRef,
  shallowRef,
  watch,
} from 'vue';
import type { Live } from '../index.ts';

/** Does something with what `source` gives, and again when it gives another; undone before and at the end. Never on a server. */
export function useEffectOf<T>(source: () => T, effect: (value: T) => (() => void) | undefined): void {
  let undo: (() => void) | undefined;
  const run = () => {
    undo?.();
    undo = effect(source());
  };
  watch(source, run);
  // A server does not mount. Outside of components there is nothing to wait for.
  if (getCurrentInstance()) onMounted(run);
  else if (typeof window !== 'undefined') run();
  onScopeDispose(() => undo?.());
}

/** Whether the component takes over what a server rendered: its first render must be the same. */
export function isHydrating(): boolean {
  return Boolean(getCurrentInstance()?.vnode.el);
}

/** The value of a live view, and of another one when `find` finds another. */
export function useLive<T>(find: () => Live<T>): Readonly<ShallowRef<T>> {
  const live = find();
  const snapshot = shallowRef(isHydrating() ? live.getServerSnapshot() : live.getSnapshot());
  useEffectOf(find, (view) => {
    const read = () => {
      snapshot.value = view.getSnapshot();
    };
    const undo = view.subscribe(read);
    read();
    return undo;
  });
  return snapshot;
}

/** The fields of an object as refs of their own. */
export type Fields<T> = { readonly [Name in keyof T]: ComputedRef<T[Name]> };

/** Takes a value apart, so that a template depends on no more than what it uses. */
export function fieldsOf<T extends object>(value: Readonly<Ref<T>>): Fields<T> {
  const names = Object.keys(value.value) as (keyof T)[];
  // `fromEntries` forgets which name has which type.
  return Object.fromEntries(names.map((name) => [name, computed(() => value.value[name])])) as Fields<T>;
}
