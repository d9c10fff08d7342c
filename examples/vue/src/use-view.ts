import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { followFocus } from '../../shared/focus.js';
import { router } from '../../shared/router.js';

/** Where the page is. The focus follows. */
export function useView() {
  const place = shallowRef(router.getSnapshot());
  onScopeDispose(
    router.subscribe(() => {
      place.value = router.getSnapshot();
    }),
  );
  watch(place, followFocus, { flush: 'post' });
  return computed(() => place.value.view);
}
