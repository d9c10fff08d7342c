import type { AvatarFact, Fact, UserFact } from '../facts.ts';
import type { EncodedPicture, Presigned } from '../models.ts';

/** A backend's answer to one request. */
export interface Answer {
  readonly status: number;
  /** The body: JSON where it was JSON, else text; `undefined` when empty. */
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
}

/** One request of a backend, as data: how to ask, and what the answer means. */
export interface Route<Input, Output> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: (input: Input) => string;
  /** Value sent as a JSON body. */
  readonly body?: (input: Input) => unknown;
  /** What it is for, as it completes "unable to …". */
  readonly purpose: string;
  /** Failure statuses that are an answer all the same, for example 404 when deleting what is not there. */
  readonly accepts?: readonly number[];
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

/** Everything that is particular to one backend, as a plain object. */
export interface Preset {
  readonly name: string;
  readonly routes: {
    readonly presign: Route<PresignInput, Presigned>;
    readonly complete: Route<CompleteInput, AvatarFact>;
    readonly deleteAvatar: Route<UserInput, AvatarFact>;
    /** `null` when the backend has no such user. */
    readonly profile: Route<UserInput, readonly UserFact[] | null>;
  };
  /** Live events by their wire name. */
  readonly events: Readonly<Record<string, EventParser>>;
  /** Whether a refusal means that the token is no longer good, so that a fresh one may help. */
  readonly isExpiredToken: (status: number, body: unknown) => boolean;
}
