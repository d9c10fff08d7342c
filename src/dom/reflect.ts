/** Sets an attribute, or removes it for `null`. */
export function reflect(element: Element, attribute: string, value: string | number | null): void {
  if (value === null) element.removeAttribute(attribute);
  else element.setAttribute(attribute, String(value));
}
