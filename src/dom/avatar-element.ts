import type { AvatarClient, Live, UserSnapshot } from '../index.ts';
import { applyStyles } from './avatar-styles.ts';
import { defaultClient, onDefaultClient } from './default-client.ts';
import { onceNear } from './once-near.ts';
import { reflect } from './reflect.ts';
import { createShownImage, sharpUrl } from './shown-image.ts';

/**
 * A user's face: the picture, or initials on a colour while there is none.
 *
 * Reads the profile when it comes near what is on screen, and follows every change from then on. Until then, and without a
 * client, it shows what stands inside it.
 */
export interface VisavisAvatarElement extends HTMLElement {
  /** Whose face it is. Attribute `user-id`. */
  get userId(): string | null;
  set userId(userId: string | number | null);
  /** CSS pixels a side. Attribute `size`. Default 40. */
  size: number;
  /**
   * What it is called for those who do not see it. Attribute `label`, or `alt`. Default the user's name; an empty one says
   * that it is decoration, as where the name stands beside it.
   */
  label: string | null;
  /** Address of the picture for users without one, and when theirs cannot be loaded. Attribute `fallback`. */
  fallback: string | null;
  /** A client of its own. Default: the one of `connectVisavis()`. */
  client: AvatarClient | null;
}

declare global {
  interface HTMLElementTagNameMap {
    'visavis-avatar': VisavisAvatarElement;
  }
}

const defaultSize = 40;
const properties = ['userId', 'size', 'label', 'fallback', 'client'] as const;

/**
 * Makes `<visavis-avatar>` known to the page. Does nothing outside of pages, and where it is known already.
 *
 * @param name another tag name; it must have a hyphen.
 * @example
 * defineAvatarElement();
 * document.createElement('visavis-avatar').userId = 'u2';
 */
export function defineAvatarElement(name = 'visavis-avatar'): void {
  if (typeof customElements === 'undefined' || customElements.get(name)) return;
  customElements.define(name, createElementClass());
}

/** Made when it is defined: outside of pages there is nothing to extend. */
function createElementClass(): CustomElementConstructor {
  return class extends HTMLElement implements VisavisAvatarElement {
    static readonly observedAttributes = ['user-id', 'size', 'label', 'alt', 'fallback'];

    readonly #shadow = this.attachShadow({ mode: 'open' });
    readonly #face = document.createElement('span');
    readonly #initials = document.createElement('span');
    readonly #image = document.createElement('img');
    readonly #shown = createShownImage(this.#image, () => this.#render());
    #ownClient: AvatarClient | null = null;
    #live: Live<UserSnapshot> | null = null;
    #isNear = false;
    /** Whether it is known what to show: initials in front of a picture to come would only flicker. */
    #isSettled = false;
    #unsubscribe = () => {};
    #undo: readonly (() => void)[] = [];

    constructor() {
      super();
      this.#initials.part.value = 'initials';
      this.#initials.ariaHidden = 'true';
      this.#image.part.value = 'image';
      this.#image.alt = '';
      this.#image.draggable = false;
      // What the client hands over is decoded already; asynchronous decoding would show a gap.
      this.#image.decoding = 'sync';
      this.#face.append(document.createElement('slot'), this.#initials, this.#image);
      this.#shadow.append(this.#face);
    }

    get userId(): string | null {
      return this.getAttribute('user-id');
    }
    set userId(userId: string | number | null) {
      reflect(this, 'user-id', userId);
    }

    get size() {
      const size = Number(this.getAttribute('size'));
      return size > 0 && size < Number.POSITIVE_INFINITY ? size : defaultSize;
    }
    set size(size: number) {
      reflect(this, 'size', size);
    }

    get label() {
      return this.getAttribute('label') ?? this.getAttribute('alt');
    }
    set label(label: string | null) {
      reflect(this, 'label', label);
    }

    get fallback() {
      return this.getAttribute('fallback');
    }
    set fallback(fallback: string | null) {
      reflect(this, 'fallback', fallback);
    }

    get client() {
      return this.#ownClient ?? defaultClient();
    }
    set client(client: AvatarClient | null) {
      this.#ownClient = client;
      this.#follow();
    }

    connectedCallback() {
      for (const name of properties) this.#adopt(name);
      this.#undo = [
        this.#shown.follow(),
        onDefaultClient(() => this.#follow()),
        onceNear(this, () => {
          this.#isNear = true;
          this.#subscribe();
        }),
      ];
      this.#follow();
      this.#render();
    }

    disconnectedCallback() {
      for (const undo of this.#undo) undo();
      this.#unsubscribe();
      this.#isNear = false;
    }

    attributeChangedCallback(name: string) {
      if (name === 'user-id') this.#follow();
      this.#render();
    }

    /** A property that was set before the element was defined hides the accessor of that name. */
    #adopt(name: (typeof properties)[number]) {
      if (!Object.hasOwn(this, name)) return;
      const value: unknown = this[name];
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }

    /** Shows whom the attributes name, through the client there is now. */
    #follow() {
      const { client, userId } = this;
      const live = client && userId ? client.users.live(userId) : null;
      if (live === this.#live) return;
      this.#live = live;
      this.#isSettled = false;
      this.#shown.clear();
      this.#subscribe();
    }

    #subscribe() {
      this.#unsubscribe();
      this.#unsubscribe = (this.#isNear && this.#live?.subscribe(() => this.#render())) || (() => {});
      this.#render();
    }

    #render() {
      const user = this.#live?.getSnapshot();
      const { size, label } = this;
      applyStyles(this.#shadow, size, user?.color);
      if (user?.avatar || !['idle', 'loading', undefined].includes(user?.status)) this.#isSettled = true;
      const urls = user && this.#isSettled ? [user.avatar && sharpUrl(user.avatar, size), this.fallback] : [];
      this.#shown.show(urls);
      const name = label ?? user?.name;
      reflect(this.#face, 'role', name ? 'img' : null);
      reflect(this.#face, 'aria-label', name || null);
      reflect(this.#face, 'aria-hidden', label === '' ? 'true' : null);
      this.#initials.textContent = user?.initials ?? '';
      this.#face.part.value = `face showing-${this.#shows(user)}${user?.pending ? ' pending' : ''}`;
    }

    #shows(user: UserSnapshot | undefined): 'picture' | 'initials' | 'nothing' {
      const { state } = this.#shown;
      if (state === 'loaded') return 'picture';
      if (!this.#isSettled || (user?.status === 'failed' && user.name === '')) return 'nothing';
      const hasContent = this.firstElementChild !== null || this.textContent?.trim() !== '';
      const showedInitials = this.#face.part.contains('showing-initials');
      return state === 'loading' && hasContent && !showedInitials ? 'nothing' : 'initials';
    }
  };
}
