import { reflect } from './reflect.ts';

const operable = 'a[href], button, label, summary, [tabindex]';

/**
 * Lets people who use a keyboard or a screen reader open a file input that is not on screen by its container, unless there
 * is something else to press. Returns the undo.
 */
export function becomeButton(container: HTMLElement, input: HTMLInputElement): () => void {
  const isReachable = input.getClientRects().length > 0;
  if (isReachable || container.matches(operable) || container.querySelector(operable)) return () => {};
  const label = container.ariaLabel ?? input.ariaLabel ?? 'Change picture';
  const wanted = { role: 'button', tabindex: '0', 'aria-label': label };
  const before = Object.keys(wanted).map((name) => [name, container.getAttribute(name)] as const);
  for (const [name, value] of Object.entries(wanted)) container.setAttribute(name, value);

  function press(event: KeyboardEvent) {
    if (event.target !== container || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    container.click();
  }
  container.addEventListener('keydown', press);
  return () => {
    container.removeEventListener('keydown', press);
    for (const [name, value] of before) reflect(container, name, value);
  };
}
