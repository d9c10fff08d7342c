// Entry of the script-tag build: everything of the package and of visavis/dom under `Visavis`, started by its attributes.
import { defineAvatarElement } from './dom/index.ts';
import type { VisavisClient } from './index.ts';
import { chatPresets, picturePresets } from './script-tag/presets.ts';
import { ProfilePictureSync } from './script-tag/profile-picture-sync.ts';
import { startFrom } from './script-tag/start.ts';

export * from './dom/index.ts';
export * from './index.ts';
export { createClient } from './script-tag/create-client.ts';

/** The presets by name. */
export const presets = { ...picturePresets, ...chatPresets };

defineAvatarElement();
// A page's own script of that name stays.
if (!('ProfilePictureSync' in globalThis)) Object.assign(globalThis, { ProfilePictureSync });

/** The client that the script tag's attributes started, if they did. */
export const client = start(document.currentScript);

function start(script: HTMLOrSVGScriptElement | null): VisavisClient | undefined {
  try {
    return script ? startFrom(script.dataset) : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`visavis: unable to start from the script tag; ${reason}`);
    return undefined;
  }
}
