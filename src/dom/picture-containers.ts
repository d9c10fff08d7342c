import type { Avatar, AvatarClient, UploadProgress } from '../index.ts';
import { onceNear } from './once-near.ts';
import { wireUpload } from './picture-upload.ts';
import { reflect } from './reflect.ts';
import { createShownImage, sharpUrl } from './shown-image.ts';

declare global {
  interface GlobalEventHandlersEventMap {
    'visavis:upload-progress': CustomEvent<UploadProgress>;
    /** The picture from now on; `null` after a delete. */
    'visavis:upload-done': CustomEvent<{ readonly avatar: Avatar | null }>;
    /** `code` is an `ErrorCode`, or the error's name. */
    'visavis:upload-error': CustomEvent<{ readonly error: unknown; readonly code: string }>;
  }
}

/** Options of {@link wirePictures}. */
export interface WirePicturesOptions {
  /** The part of the page to look at. Default the whole document. */
  readonly root?: Document | Element | undefined;
}

/** What makes a container what it is: when any of it changes, it is wired anew. */
interface Parts {
  readonly image: HTMLImageElement;
  readonly input: HTMLInputElement | null;
  readonly userId: string;
}

const selector = '.profile-picture-container, img[data-visavis-user]';

/**
 * Wires pictures that stand in the page's own markup, now and later: each `.profile-picture-container` with the `<img>` in
 * it, and each `<img data-visavis-user="7">`. They show the picture of the user that `data-user-id` names, by default the
 * signed-in one; for users without a picture, and when it cannot be loaded, the one that `src` named before.
 *
 * In a container of the signed-in user with an `<input type="file">`, a click picks a picture and uploads it.
 *
 * @returns an undo, safe to call twice; it leaves the page as it was.
 * @example
 * const undo = wirePictures(client);
 */
export function wirePictures(
  client: AvatarClient,
  { root = document }: WirePicturesOptions = {},
): () => void {
  const wired = new Map<HTMLElement, Parts & { readonly undo: () => void }>();

  function scan() {
    const found = new Map<HTMLElement, Parts>();
    for (const element of root.querySelectorAll<HTMLElement>(selector)) {
      const parts = partsOf(element, client.userId);
      if (parts) found.set(element, parts);
    }
    for (const [element, { undo, ...before }] of wired) {
      const now = found.get(element);
      if (now && isSame(before, now)) continue;
      undo();
      wired.delete(element);
    }
    for (const [element, parts] of found) {
      if (!wired.has(element)) wired.set(element, { ...parts, undo: wire(client, element, parts) });
    }
  }

  const observer = new MutationObserver(scan);
  observer.observe(root, {
    childList: true,
    subtree: true,
    attributeFilter: ['class', 'data-user-id', 'data-visavis-user'],
  });
  scan();
  return () => {
    observer.disconnect();
    for (const { undo } of wired.values()) undo();
    wired.clear();
  };
}

function partsOf(element: HTMLElement, ownId: string): Parts | null {
  const image = element instanceof HTMLImageElement ? element : element.querySelector('img');
  const userId = element.dataset.visavisUser ?? element.dataset.userId ?? ownId;
  const input = element.querySelector<HTMLInputElement>('input[type=file]');
  // An empty id comes from a template that had none: nobody, and certainly not the signed-in user.
  return image && userId ? { image, input, userId } : null;
}

function isSame(a: Parts, b: Parts): boolean {
  return a.image === b.image && a.input === b.input && a.userId === b.userId;
}

function wire(client: AvatarClient, element: HTMLElement, { image, input, userId }: Parts): () => void {
  const live = client.users.live(userId);
  const before = ['src', 'srcset', 'alt'].map((name) => [name, image.getAttribute(name)] as const);
  const placeholder = image.getAttribute('src');
  const isNamed = image.hasAttribute('alt');
  const shown = createShownImage(image, () => {});

  function render() {
    const { avatar, name, pending } = live.getSnapshot();
    if (avatar) image.removeAttribute('srcset');
    shown.show([avatar && sharpUrl(avatar, image.width || Number.POSITIVE_INFINITY), placeholder]);
    if (!isNamed) image.alt = name;
    // An image that is decoration may not be busy.
    if (element !== image) reflect(element, 'aria-busy', pending ? 'true' : null);
  }

  const undos = [
    shown.follow(),
    onceNear(image, () => {
      undos.push(live.subscribe(render));
      render();
    }),
  ];
  if (input && userId === client.userId) undos.push(wireUpload(client, element, input));
  render();
  return () => {
    for (const undo of undos) undo();
    for (const [name, value] of before) reflect(image, name, value);
    element.removeAttribute('aria-busy');
  };
}
