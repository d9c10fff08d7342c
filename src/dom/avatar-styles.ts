import type { AvatarColor } from '../index.ts';

const base = `
:host {
  display: inline-block;
  flex: none;
  position: relative;
  box-sizing: border-box;
  width: var(--visavis-avatar-size, var(--_size));
  height: var(--visavis-avatar-size, var(--_size));
  border-radius: var(--visavis-avatar-radius, 50%);
  vertical-align: middle;
  container-type: size;
}
:host([hidden]) { display: none }
span, img, ::slotted(img) { box-sizing: border-box; width: 100%; height: 100%; border-radius: inherit }
[part~=face] { display: grid }
[part~=face] > * { grid-area: 1 / 1 }
img, ::slotted(img) { display: block; object-fit: cover; transition: opacity .15s }
[part~=initials] {
  display: grid;
  place-items: center;
  background: var(--visavis-avatar-background, var(--_background));
  color: var(--visavis-avatar-color, var(--_color));
  font-size: 40cqmin;
  font-weight: 600;
  line-height: 1;
  user-select: none;
}
[part~=showing-nothing] { background: color-mix(in srgb, currentcolor 12%, transparent) }
[part~=face]:not([part~=showing-picture]) > img { visibility: hidden; opacity: 0 }
/* A picture may be transparent in part: nothing may shine through it. */
[part~=face]:not([part~=showing-initials]) > [part~=initials] { visibility: hidden; transition: visibility 0s .15s }
[part~=face]:not([part~=showing-nothing]) > slot { display: none }
@media (prefers-reduced-motion: reduce) { * { transition: none !important } }
`;

const sheets = new Map<string, CSSStyleSheet>();

/** Sheets are shared between elements: there are few sizes and few colours. */
function sheet(css: string): CSSStyleSheet {
  let made = sheets.get(css);
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(css);
    sheets.set(css, made);
  }
  return made;
}

/** Styles without an inline attribute, so that no content security policy stands in the way. */
export function applyStyles(root: ShadowRoot, size: number, color: AvatarColor | undefined): void {
  const styles = [base, `:host{--_size:${size}px}`];
  if (color) styles.push(`:host{--_background:${color.background};--_color:${color.text}}`);
  const wanted = styles.map(sheet);
  const present = root.adoptedStyleSheets;
  if (wanted.length !== present.length || wanted.some((each, i) => each !== present[i])) {
    root.adoptedStyleSheets = wanted;
  }
}
