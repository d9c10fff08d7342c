import type { ConversationItem } from 'visavis';
import { useClient, useConversations } from 'visavis/vue';
import { computed, shallowRef, watch } from 'vue';

/** The row of the inbox; a link may lead to one that is further down than what is loaded. */
export function useConversation(id: string) {
  const { conversations } = useClient();
  const { items } = useConversations();
  const row = computed(() => items.value.find((item) => item.id === id));
  const read = shallowRef<ConversationItem>();
  watch(
    () => !row.value,
    async (isMissing) => {
      if (!isMissing) return;
      // When it cannot be read, the thread says what is wrong.
      read.value = await conversations.get(id).catch(() => undefined);
    },
    { immediate: true },
  );
  return computed(() => row.value ?? read.value);
}
