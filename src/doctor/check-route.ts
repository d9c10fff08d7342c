import { ResponseError } from '../errors.ts';
import type { Route } from '../protocol/route.ts';
import type { Finding, FindingsOf } from './finding.ts';
import { ask, NoReply, type Patient, type Reply, understand, urlOf } from './patient.ts';
import { watchFields } from './unused-fields.ts';

/** What a route gave, where the preset understood it. */
export interface Understood<Output> {
  readonly finding: Finding;
  readonly reply?: Reply;
  readonly output?: Output;
}

/** Asks a route with the token, and sees whether the preset understands the answer. */
export async function checkRoute<Input, Output>(
  patient: Patient,
  { works, broken }: FindingsOf,
  check: string,
  route: Route<Input, Output>,
  input: Input,
): Promise<Understood<Output>> {
  const { pathname } = new URL(urlOf(patient, route, input));
  const asked = `${route.method} ${pathname}`;
  const fail = (says: string, mend: string) => ({ finding: broken(check, `${asked}: ${says}`, mend) });
  let reply: Reply;
  try {
    reply = await ask(patient, route, input);
  } catch (error) {
    if (error instanceof NoReply)
      return fail(error.message, 'look at the log of the backend, and at what stands in front of it');
    throw error;
  }
  const { status, headers, body, ms } = reply;
  const isAnswer = (status >= 200 && status < 300) || route.accepts?.includes(status);
  if (status === 404 && (!isAnswer || looksLikePage(reply))) {
    return fail('there is nothing (404)', `give its path: definePreset({ routes: { … path } })`);
  }
  if (status === 401 || status === 403) {
    return fail(
      `the token is refused (${status}): ${wordsOf(body)}`,
      'pass a good token of the user by --token',
    );
  }
  if (status >= 300 && status < 400)
    return fail(`it leads elsewhere (${status}, ${headers.get('location')})`, 'give the address it leads to');
  if (!isAnswer)
    return fail(
      `it fails (${status}): ${wordsOf(body)}`,
      'mend the route, or say what it wants by the preset’s body',
    );
  if (looksLikePage(reply)) {
    return fail(
      'it answers a page of HTML, not JSON',
      'most often a front-end’s own router answers: check the address, or route /api to the backend',
    );
  }
  if (typeof body === 'object' && body !== null && Reflect.get(body, 'success') === false)
    return fail(`it says success: false: ${wordsOf(body)}`, 'mend the route');
  const { watched, unused } = watchFields(body);
  const output = understand(patient, route, input, { ...reply, body: watched });
  if (output instanceof ResponseError) {
    const places = output.issues.map(({ path, message }) => `"${path}": ${message}`).join('; ');
    return fail(
      `the preset does not understand it: ${places}`,
      'answer what the preset expects, or read it by a parser of your own: definePreset({ routes: { … parse } })',
    );
  }
  const over = unused();
  const passed =
    over.length === 0 ? '' : `; not used: ${over.slice(0, 8).join(', ')}${over.length > 8 ? ' …' : ''}`;
  return { finding: works(check, `${asked}: ${status} in ${ms} ms${passed}`), reply, output };
}

function looksLikePage({ headers, body }: Reply): boolean {
  return typeof body === 'string' && (/html/.test(headers.get('content-type') ?? '') || /^\s*</.test(body));
}

/** The backend's own words, cut short. */
function wordsOf(body: unknown): string {
  if (typeof body !== 'object' || body === null)
    return typeof body === 'string' ? `“${body.slice(0, 80)}”` : 'no words';
  const said = [Reflect.get(body, 'message'), Reflect.get(body, 'error')].find(
    (each) => typeof each === 'string',
  );
  return said === undefined ? 'no words' : `“${String(said).slice(0, 200)}”`;
}
