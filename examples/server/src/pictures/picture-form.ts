import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

export interface SentPicture {
  bytes: Buffer;
  /** As the sender has it. */
  name: string;
}

export interface PictureForm extends SentPicture {
  fields: Readonly<Record<string, string>>;
}

/** Reads a form with one picture in it, under one of these names. What is not asked for is passed over. */
export async function readPictureForm(
  request: FastifyRequest,
  { names, maxBytes }: { names: readonly string[]; maxBytes: number },
): Promise<PictureForm> {
  const limits = { fileSize: maxBytes, files: 1, fields: 20, parts: 21, fieldSize: 1000, headerPairs: 50 };
  const fields: Record<string, string> = {};
  let picture: SentPicture | undefined;
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        // What was cut off could have said something else.
        if (part.valueTruncated || part.fieldnameTruncated)
          throw new ApiError(413, 'BODY_TOO_LARGE', 'unable to read the form; a field is too large');
        fields[part.fieldname] = String(part.value);
      } else if (names.includes(part.fieldname))
        picture = { bytes: await part.toBuffer(), name: part.filename };
      else part.file.resume();
    }
  } catch (error) {
    // The parser's own errors have no status.
    if (error instanceof ApiError || (error instanceof Error && 'statusCode' in error)) throw error;
    throw new ApiError(400, 'INVALID_REQUEST', 'unable to read the form; it is malformed', { cause: error });
  }
  if (!picture) {
    throw new ApiError(400, 'INVALID_REQUEST', `unable to read the form; send the picture as "${names[0]}"`);
  }
  return { ...picture, fields };
}
