import { onMounted, type ShallowRef } from 'vue';

/** Opens a dialog over the page when it is mounted. Closing it gives the focus back. */
export function useModal(dialog: Readonly<ShallowRef<HTMLDialogElement | null>>) {
  onMounted(() => dialog.value?.showModal());
}
