import { DatabaseError } from 'pg';
import { ApiError } from '../errors.ts';

/** The database cannot be reached or did not answer. Whether it kept what it was asked is not known. */
export class DatabaseAwayError extends ApiError {
  constructor(cause: unknown) {
    super(503, 'UNAVAILABLE', 'unable to answer; the database is away, try again soon');
    this.cause = cause;
  }
}

/** Serialization failure and deadlock: rolled back for another transaction's sake. */
const gaveWay = new Set(['40001', '40P01']);
/** Shutting down, starting up, no connection to spare, or a standby by now. */
const away = new Set(['57P01', '57P02', '57P03', '53300', '25006']);

/** What a query threw, sorted: a lost connection has no SQLSTATE, whatever else it looks like. */
export function toDatabaseError(error: unknown): Error {
  const code = error instanceof DatabaseError ? (error.code ?? '') : '08000';
  return error instanceof DatabaseError && !away.has(code) && !code.startsWith('08')
    ? error
    : new DatabaseAwayError(error);
}

/** Whether the database has certainly kept nothing, so that all of it can be tried again. */
export function hasGivenWay(error: unknown): boolean {
  return error instanceof DatabaseError && gaveWay.has(error.code ?? '');
}

/** Whether a row is there already that this one would be a double of; the embedded database has errors of its own. */
export function isTaken(error: unknown, constraint: string): boolean {
  if (!(error instanceof Error && 'code' in error && 'constraint' in error)) return false;
  return error.code === '23505' && error.constraint === constraint;
}
