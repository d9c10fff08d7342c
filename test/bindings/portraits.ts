import type { VisavisClient } from '../../src/client.ts';
import type { World } from './world.ts';

/** A picture of one colour, as an address that needs no network. */
export function portrait(color: string, size = 64): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  if (context) context.fillStyle = color;
  context?.fillRect(0, 0, size, size);
  return canvas.toDataURL('image/png');
}

/** An address that is safe to show, and no picture. */
export const broken = 'data:image/png;base64,AAAA';

/** A client of a backend with one user, u2, whose picture the test sets. */
export function sitFor({ client }: World, name = 'Jonas Weber') {
  let picture: { readonly full: string; readonly thumb: string } | null = null;
  let version = 0;
  let isHeld = false;
  const fetch = async () => {
    if (isHeld) await new Promise(() => {});
    return Response.json({
      id: 'u2',
      display_name: name,
      avatar_url: picture?.full ?? null,
      avatar_thumb_url: picture?.thumb ?? null,
      avatar_version: version,
    });
  };
  const sitter: VisavisClient = client('u1', { fetch, isConnected: false });
  return {
    client: sitter,
    /** From now on requests are not answered. */
    hold() {
      isHeld = true;
    },
    async show(full: string | null, thumb = full) {
      picture = full === null || thumb === null ? null : { full, thumb };
      version += 1;
      await sitter.users.get('u2');
    },
  };
}
