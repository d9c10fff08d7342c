// @ts-check

/**
 * The arrow keys move from message to message; a message's own buttons are tab stops only while it has the focus, and
 * on a screen without a pointer after a tap.
 *
 * @param {HTMLElement} box
 * @param {HTMLElement} list
 * @param {AbortSignal} signal
 */
export function walkMessages(box, list, signal) {
  box.tabIndex = 0;
  const messages = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.message')]);

  box.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const { target } = event;
      if (step === undefined || !(target instanceof HTMLElement)) return;
      const all = messages();
      const at = all.findIndex((message) => message.contains(target));
      const next = at === -1 ? all.at(-1) : all[at + step];
      event.preventDefault();
      next?.focus();
    },
    { signal },
  );

  /** @param {EventTarget | null} target */
  function pick(target) {
    const message = target instanceof Element ? target.closest('.message') : null;
    for (const each of messages()) {
      const remove = each.querySelector('.message-delete');
      if (remove instanceof HTMLElement) remove.tabIndex = each === message ? 0 : -1;
      each.classList.toggle('is-picked', each === message);
    }
  }

  box.addEventListener('focusin', ({ target }) => pick(target), { signal });
  box.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !box.contains(relatedTarget)) pick(null);
    },
    { signal },
  );
}
