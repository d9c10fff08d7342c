import type { Route } from '../protocol/route.ts';
import type { Finding, FindingsOf } from './finding.ts';
import { ask, askAt, NoReply, type Patient, type Reply, urlOf } from './patient.ts';

/** What a route says to those who have no token, and a bad one. */
export async function checkAuth<Input>(
  patient: Patient,
  { works, degrades, broken }: FindingsOf,
  route: Route<Input, unknown>,
  input: Input,
  isExpiredToken: (status: number, body: unknown) => boolean,
): Promise<Finding[]> {
  const isGood = ({ status }: Reply) => status < 300;
  const without = await ask(patient, route, input, null);
  const bad = await ask(patient, route, input, 'visavis-doctor.not-a-token.0');
  const findings: Finding[] = [];
  if (isExpiredToken(without.status, without.body))
    findings.push(works('without a token', `refused (${without.status})`));
  else if (isGood(without))
    findings.push(
      degrades(
        'without a token',
        'it is answered',
        'anybody can read it, and an expired session goes unnoticed',
        'refuse requests without a token with 401',
      ),
    );
  else findings.push(broken('without a token', `${without.status}, where 401 was expected`, 'answer 401'));

  if (isExpiredToken(bad.status, bad.body))
    findings.push(works('with a bad token', `refused as such (${bad.status})`));
  else if (isGood(bad))
    findings.push(broken('with a bad token', 'it is answered', 'verify the token: this one is made up'));
  else
    findings.push(
      degrades(
        'with a bad token',
        `${bad.status}, which does not read as an expired token`,
        'when a token expires, no fresh one is asked for: calls fail until the page is loaded again',
        'answer 401, or 403 with the word token in error or message; or say it by isExpiredToken of the preset',
      ),
    );
  return findings;
}

/** Whether pages of the app may ask this route. */
export async function checkCors<Input>(
  patient: Patient,
  { works, degrades, broken, skipped }: FindingsOf,
  route: Route<Input, unknown>,
  input: Input,
): Promise<Finding[]> {
  const { origin } = patient;
  if (origin === null) return [skipped('CORS', 'pass --origin to see whether pages of the app may ask it')];
  if (new URL(patient.baseUrl).origin === origin)
    return [works('CORS', 'not needed: the pages are of the same origin')];
  const url = urlOf(patient, route, input);
  const reason = await preflight(patient, url, route.method, ['authorization', 'content-type']);
  if (reason !== null) {
    const wanted = `allow ${origin} with the method ${route.method} and the headers Authorization and Content-Type`;
    return [broken('CORS', reason, `${wanted} in the backend’s CORS settings`)];
  }
  const { headers } = await ask(patient, route, input);
  if (!isAllowed(headers, origin)) {
    return [
      broken(
        'CORS',
        'the preflight passes, the answer itself names no origin',
        'set the same headers on every answer',
      ),
    ];
  }
  const exposed = headers.get('access-control-expose-headers') ?? '';
  const passes = works('CORS', `pages of ${origin} may ask it`);
  if (/\*|retry-after/i.test(exposed)) return [passes];
  return [
    passes,
    degrades(
      'CORS: exposed headers',
      'Retry-After is not among them',
      'when the backend asks to wait, pages cannot read for how long and wait by their own measure',
      'set Access-Control-Expose-Headers: Retry-After',
    ),
  ];
}

/** Why a page may not send this, or `null`. */
export async function preflight(
  patient: Patient,
  url: string,
  method: string,
  headers: readonly string[],
): Promise<string | null> {
  const origin = patient.origin ?? '';
  try {
    const reply = await askAt(patient, url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': headers.join(','),
      },
    });
    if (reply.status >= 300) return `the preflight is refused (${reply.status})`;
    if (!isAllowed(reply.headers, origin)) return `the preflight does not allow ${origin}`;
    const list = (name: string) => (reply.headers.get(name) ?? '').toLowerCase().split(/\s*,\s*/);
    const methods = list('access-control-allow-methods');
    const isSimple = method === 'GET' || method === 'POST';
    if (!isSimple && !methods.includes(method.toLowerCase()) && !methods.includes('*'))
      return `the preflight does not allow ${method}`;
    const allowed = list('access-control-allow-headers');
    // The star does not stand for Authorization (Fetch, 3.3.3).
    const missing = headers.find(
      (name) => !allowed.includes(name) && (name === 'authorization' || !allowed.includes('*')),
    );
    return missing === undefined ? null : `the preflight does not allow the header ${missing}`;
  } catch (error) {
    if (error instanceof NoReply) return `the preflight: ${error.message}`;
    throw error;
  }
}

function isAllowed(headers: Headers, origin: string): boolean {
  const allowed = headers.get('access-control-allow-origin');
  return allowed === '*' || allowed === origin;
}
