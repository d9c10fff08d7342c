import { errors, jwtVerify, SignJWT } from 'jose';
import { ApiError } from './errors.ts';
import { userIdPattern } from './text.ts';

export interface Identity {
  userId: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface Tokens {
  sign(userId: string, ttlSeconds: number): Promise<string>;
  /** Throws a 401 {@link ApiError} with the code `TOKEN_EXPIRED` or `INVALID_TOKEN`. */
  verify(token: string): Promise<Identity>;
}

export function createTokens(settings: {
  secret: string;
  issuer: string;
  audience: string;
  clock: () => number;
}): Tokens {
  const { issuer, audience, clock } = settings;
  const key = new TextEncoder().encode(settings.secret);
  return {
    sign(userId, ttlSeconds) {
      const now = Math.floor(clock() / 1000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .sign(key);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer,
          audience,
          currentDate: new Date(clock()),
        });
        const { sub: userId, exp } = payload;
        // A list of one name would pass for the name.
        if (exp === undefined || typeof userId !== 'string' || !userIdPattern.test(userId))
          throw new Error('unusable claims');
        return { userId, expiresAt: exp * 1000 };
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw new ApiError(401, 'TOKEN_EXPIRED', 'unable to sign in; the token has expired');
        }
        throw new ApiError(401, 'INVALID_TOKEN', 'Invalid token');
      }
    },
  };
}
