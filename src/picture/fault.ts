export type PictureFaultCode =
  | 'FILE_EMPTY'
  | 'FILE_TYPE'
  | 'FILE_TOO_LARGE'
  | 'FILE_TOO_MANY_PIXELS'
  | 'FILE_CORRUPT'
  | 'CROP';

export type FaultDetails = Readonly<Record<string, string | number>>;

/** A picture that was refused, as data: it crosses the worker and the bundle border by its `name`. */
export interface PictureFault {
  readonly name: 'PictureFault';
  readonly code: PictureFaultCode;
  /** `unable to <do>; <why>`. */
  readonly message: string;
  readonly details: FaultDetails;
}

class PictureFaultError extends Error implements PictureFault {
  override readonly name = 'PictureFault';
  readonly code: PictureFaultCode;
  readonly details: FaultDetails;

  constructor(code: PictureFaultCode, message: string, details: FaultDetails) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export function fault(code: PictureFaultCode, message: string, details: FaultDetails = {}): Error {
  return new PictureFaultError(code, message, details);
}

export function corrupt(why: string): Error {
  return fault('FILE_CORRUPT', `unable to read the picture; ${why}`);
}

export function isFault(error: unknown): error is Error & PictureFault {
  return error instanceof PictureFaultError;
}

/** The same fault without its stack, fit for `postMessage`. */
export function plainFault({ name, code, message, details }: PictureFault): PictureFault {
  return { name, code, message, details };
}
