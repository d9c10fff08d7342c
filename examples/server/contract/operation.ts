import { z } from 'zod';

/** One route as the contract tells it. The answers are what the reference server gives; a test holds it to them. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The first is the one the client uses; the others are the same under another address. */
  readonly paths: readonly [string, ...string[]];
  readonly wire: Wire;
  readonly summary: string;
  readonly description?: string;
  readonly access?: 'public' | 'token or cookie';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly form?: Form;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses of refusals, beside 401 of all that ask for a token and 414 of those that change something in their path. */
  readonly refuses?: readonly number[];
}

/** `picture` is the bytes of an image, `nothing` an answer without a body. */
export type Answer = z.ZodType | 'picture' | 'nothing';

export interface Form {
  /** The names under which the picture may be sent. */
  readonly files: readonly [string, ...string[]];
  readonly fields?: readonly string[];
}

export const wires = {
  presigned: 'Pictures straight to storage, and profiles: level 2 of the preset `presigned`',
  chat: 'Conversations and messages: level 2 of the preset `chat`',
  media: 'Pictures by a form and a media id: the preset `media`',
  profilePicture: 'Pictures by a form and a file name: the presets `profilePicture` and `profilePictureJson`',
  uploadRoute: 'Pictures by one upload route: the preset `uploadRoute`',
} as const;
export type Wire = keyof typeof wires;

export const success = z.object({ success: z.literal(true) });
export const told = success.extend({ message: z.string() });

export const refusal = z
  .object({
    success: z.literal(false),
    error: z.string().describe('For people: `unable to <do>; <why>`'),
    message: z.string(),
    code: z.string().describe('For programs, in capitals'),
    request_id: z.string(),
    details: z.string().optional(),
  })
  .meta({ id: 'Refusal', description: 'How every route says no' });
