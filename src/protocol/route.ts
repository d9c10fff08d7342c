import type { ErrorCode } from '../errors.ts';
import type { AvatarFact, Fact, UserFact } from '../facts.ts';
import type { EncodedPicture, PastPicture, Presigned } from '../models.ts';

/** A backend's answer to one request. */
export interface Answer {
  readonly status: number;
  /** The body: JSON where it was JSON, else text; `undefined` when empty; a `Blob` where the route wants one. */
  readonly body: unknown;
  /** When the statement in it was true as far as we can know: when a read was asked, when a write was answered. */
  readonly at: number;
}

/** What a parser may need beside the payload. */
export interface ParseContext {
  /** The signed-in user. */
  readonly userId: string;
  /** Moment of arrival in milliseconds, never twice the same. */
  readonly at: number;
  /** Absolute form of an address that may be relative to the backend. */
  resolveUrl(url: string): string;
  /** Whether a page may be handed this address as a picture. */
  isSafeUrl(url: string): boolean;
  /** Whether versions and times of the backend order statements about users; without, their arrival does. */
  readonly isStamped: boolean;
}

/** One request of a backend, as data: how to ask, and what the answer means. */
export interface Route<Input, Output> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: (input: Input) => string;
  /** Value sent as a JSON body, or a promise of it. */
  readonly body?: (input: Input) => unknown;
  /** Fields sent as a form instead. */
  readonly form?: (input: Input) => FormData;
  /** Headers of this request alone. */
  readonly headers?: (input: Input) => Readonly<Record<string, string>>;
  /** What the answer's body is taken as. Default: JSON. */
  readonly as?: 'blob';
  /** What it is for, as it completes "unable to …". */
  readonly purpose: string;
  /** Failure statuses that are an answer all the same, for example 404 when deleting what is not there. */
  readonly accepts?: readonly number[];
  /** What a refusal's own words mean, where its status does not tell. */
  readonly refusals?: readonly (readonly [words: RegExp, code: ErrorCode])[];
  /** Milliseconds to wait after a 429 whose `Retry-After` a page may not read. */
  readonly waitMs?: number;
  /** Whether sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** Throws a `ResponseError` when the body is not what it must be. */
  readonly parse: (answer: Answer, input: Input, context: ParseContext) => Output;
}

export interface PresignInput {
  readonly files: readonly {
    readonly kind: EncodedPicture['kind'];
    readonly filename: string;
    readonly contentType: EncodedPicture['type'];
    /** Bytes. */
    readonly size: number;
  }[];
}

export interface CompleteInput {
  readonly userId: string;
  readonly uploads: readonly {
    readonly kind: EncodedPicture['kind'];
    readonly key: string;
    readonly url: string;
  }[];
}

export interface UserInput {
  readonly userId: string;
}

/** Turns one live event into facts; throws a `ResponseError` when it is not what it must be. */
export type EventParser = (payload: unknown, context: ParseContext) => readonly Fact[];

/** A picture that goes up in one request. */
export interface UploadInput {
  readonly userId: string;
  readonly picture: EncodedPicture;
  readonly filename: string;
}

/** A picture was published, but the answer does not say where: the user is read again to learn it. */
export interface Unlocated {
  readonly kind: 'unlocated';
  /** The backend's name of it, which is part of its address; `null` where the answer has none. */
  readonly name: string | null;
  readonly at: number;
}

export interface NamedPictureInput {
  readonly userId: string;
  /** The backend's name of the picture. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How the two pictures reach a storage host without passing the backend. */
export interface DirectRoutes {
  readonly presign: Route<PresignInput, Presigned>;
  readonly complete: Route<CompleteInput, AvatarFact>;
}

/** How a picture reaches the backend itself. */
export interface FormRoutes {
  readonly upload: Route<UploadInput, AvatarFact | Unlocated>;
}

/** What only some backends have. */
export interface SomeRoutes {
  readonly deleteAvatar: Route<UserInput, AvatarFact>;
  /** `null` when the backend has no such user. */
  readonly profile: Route<UserInput, readonly UserFact[] | null>;
  /** Earlier pictures, newest first. */
  readonly history: Route<UserInput, readonly PastPicture[]>;
  /** Shows an earlier picture again. */
  readonly restore: Route<NamedPictureInput, AvatarFact | Unlocated>;
  /** Tells the backend which picture this device shows, after an upload. */
  readonly sync: Route<NamedPictureInput, void>;
}

/** {@link SomeRoutes}: those named by `Has` are there, any other may be `null`. */
export type RoutesWith<Has extends keyof SomeRoutes> = {
  readonly [Name in keyof SomeRoutes]: SomeRoutes[Name] | (Name extends Has ? never : null);
};
