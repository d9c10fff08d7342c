import { ApiError } from './errors.ts';

/** Who asks is known from the token; what a payload or a query says of that may only agree. */
export function requireSelf(userId: string, claimed: string | undefined): void {
  if (claimed === undefined || claimed === userId) return;
  throw new ApiError(403, 'FORBIDDEN', 'unable to act for someone else');
}
