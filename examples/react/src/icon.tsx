import { type IconName, icons } from '../../shared/icons.js';

/** A decoration: the button around it says what it does. */
export function Icon({ name, size }: { readonly name: IconName; readonly size: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}
