import type { ErrorCode } from '../errors.ts';
import type { UploadInput } from './route.ts';

/** The form of an upload: the picture under the name that the backend knows, and what else it wants. */
export function pictureForm(
  field: string,
  others: (input: UploadInput) => Readonly<Record<string, string>> = () => ({}),
) {
  return (input: UploadInput): FormData => {
    const form = new FormData();
    for (const [name, value] of Object.entries(others(input))) form.append(name, value);
    form.append(field, input.picture.blob, input.filename);
    return form;
  };
}

/** What backends say that answer 400 to every picture they do not take. */
export const pictureRefusals: readonly (readonly [RegExp, ErrorCode])[] = [
  [/large|\bsize\b|at most|exceed/i, 'TOO_LARGE'],
  [/\btype\b|format|only .*\b(?:image|jpe?g|png)/i, 'WRONG_TYPE'],
];
