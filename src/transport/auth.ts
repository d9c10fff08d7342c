import { VisavisError } from '../errors.ts';

/** What the app is asked when a token is needed. */
export interface TokenRequest {
  /** Whether the backend just refused the last token: get a new one rather than a stored one. */
  readonly refresh: boolean;
}

/** Gives the bearer token for one attempt, or `null` to send none (cookie sessions). */
export type GetToken = (request: TokenRequest) => string | null | Promise<string | null>;

export interface Auth {
  token(): Promise<string | null>;
  /** A token to try after `rejected` was refused. However many callers met the refusal, the app is asked once. */
  refresh(rejected: string | null): Promise<string | null>;
}

/**
 * @param exclusively - does the work while no other tab does; `null` where nothing could see to that.
 */
export function createAuth(
  getToken: GetToken,
  exclusively: (<T>(work: () => Promise<T>) => Promise<T>) | null = null,
): Auth {
  let latest: string | null = null;
  /** Calls under way, shared by all who ask meanwhile. */
  let asking: Promise<string | null> | undefined;
  let refreshing: Promise<string | null> | undefined;

  const ask = async (request: TokenRequest) => {
    try {
      latest = (await getToken(request)) || null;
    } catch (cause) {
      throw new VisavisError('TOKEN_UNAVAILABLE', 'unable to get a token; getToken failed', {
        cause,
        retryable: true,
      });
    }
    return latest;
  };

  /** Another tab may have got a fresh one meanwhile. */
  async function askAnew(rejected: string | null) {
    const told = await ask({ refresh: false }).catch(() => rejected);
    return told === rejected ? ask({ refresh: true }) : told;
  }

  return {
    token() {
      if (refreshing) return refreshing;
      asking ??= ask({ refresh: false }).finally(() => {
        asking = undefined;
      });
      return asking;
    },
    refresh(rejected) {
      if (!refreshing && latest !== rejected) return Promise.resolve(latest);
      refreshing ??= (exclusively ? exclusively(() => askAnew(rejected)) : ask({ refresh: true })).finally(
        () => {
          refreshing = undefined;
        },
      );
      return refreshing;
    },
  };
}
