import { ref, watch } from 'vue';

/** Milliseconds after which what was put in is not read out as news. */
const quietMs = 500;

/** Whether something has been so for a while. */
export function useCalm(isSo: () => boolean) {
  const isCalm = ref(false);
  watch(
    isSo,
    (so, _, onCleanup) => {
      isCalm.value = false;
      if (!so) return;
      const timer = setTimeout(() => {
        isCalm.value = true;
      }, quietMs);
      onCleanup(() => clearTimeout(timer));
    },
    { immediate: true },
  );
  return isCalm;
}
