import { createAvatarClient } from '../avatar-only.ts';
import { VisavisError } from '../errors.ts';
import { StampRank, type UserFact } from '../facts.ts';
import type { AnyPreset, Preset } from '../presets/preset.ts';
import type { DirectRoutes, FormRoutes } from '../protocol/route.ts';
import { checkAuth, checkCors, preflight } from './check-access.ts';
import { checkRoute } from './check-route.ts';
import { checkSocket } from './check-socket.ts';
import { type Finding, type FindingsOf, findingsOf } from './finding.ts';
import { type Line, namesOf, openLine } from './line.ts';
import { askAt, factsIn, NoReply, type Patient } from './patient.ts';
import { sampleEncoder } from './sample-picture.ts';

/** Whether a backend speaks a preset of pictures. */
export async function checkPictures(patient: Patient, given: Preset): Promise<Finding[]> {
  const preset: AnyPreset = given;
  const found = findingsOf(preset.name);
  const { routes } = preset;
  const input = { userId: patient.userId };
  const findings: Finding[] = [];
  let shown: string | null = null;
  let isReadable = true;
  if (routes.profile) {
    const { finding, output } = await checkRoute(patient, found, 'profile', routes.profile, input);
    isReadable = finding.verdict === 'works' && output !== null;
    if (output === null) {
      const mend =
        'give the route’s path: definePreset({ routes: { profile: { path } } }), or an existing --user';
      findings.push(
        found.broken('profile', `there is no user ${patient.userId}, or no such route (404)`, mend),
      );
    } else findings.push(finding);
    if (output) {
      findings.push(...checkStamps(preset, found, output));
      shown = pictureOf(output);
      if (shown !== null) findings.push(await checkBytes(patient, found, shown));
    }
    if (isReadable) {
      findings.push(...(await checkAuth(patient, found, routes.profile, input, preset.isExpiredToken)));
      findings.push(...(await checkCors(patient, found, routes.profile, input)));
    }
  } else
    findings.push(found.skipped('profile', 'the preset has none: pictures are known from events and lists'));
  if (routes.history && isReadable)
    findings.push((await checkRoute(patient, found, 'history', routes.history, input)).finding);
  if (patient.origin !== null && isReadable) findings.push(await checkUploadCors(patient, found, routes));
  findings.push(...(await checkSocket(patient, found, null)));
  if (!patient.mayWrite) findings.push(found.skipped('upload and delete', 'pass --write to try them'));
  else if (shown !== null)
    findings.push(
      found.skipped('upload and delete', 'the user has a picture, which would be lost: take another user'),
    );
  else if (isReadable) findings.push(...(await checkUpload(patient, preset, given, found)));
  return findings;
}

function checkStamps(
  { isStamped }: AnyPreset,
  { works, degrades }: FindingsOf,
  facts: readonly UserFact[],
): Finding[] {
  const avatar = facts.find(({ kind }) => kind === 'avatar');
  if (!isStamped || !avatar) return [];
  if (avatar.stamp.rank === StampRank.version) return [works('order of pictures', 'by avatar_version')];
  const by =
    avatar.stamp.rank === StampRank.serverTime ? 'by updated_at only' : 'nothing says which one is newer';
  const loses = 'of two changes at once an old picture may show for a moment, until it is read again';
  return [
    degrades('order of pictures', by, loses, 'raise an avatar_version with every change and every delete'),
  ];
}

async function checkBytes(
  patient: Patient,
  { works, degrades, broken }: FindingsOf,
  url: string,
): Promise<Finding> {
  const check = 'shown picture';
  try {
    const { status, headers } = await askAt(patient, url, { method: 'GET' });
    const type = headers.get('content-type') ?? 'no type';
    if (status === 401 || status === 403) {
      const mend = 'let it be read openly, or definePreset({ extends: …, pictures: privatePictures })';
      return degrades(check, `it is behind the token (${status})`, 'initials show in its place', mend);
    }
    if (status >= 400)
      return broken(check, `it cannot be read (${status})`, 'look at the address in the profile');
    if (!type.startsWith('image/'))
      return broken(check, `it is not served as a picture (${type})`, 'set its Content-Type');
    return works(check, type);
  } catch (error) {
    if (error instanceof NoReply) return broken(check, error.message, 'look at the address in the profile');
    throw error;
  }
}

/** A preflight changes nothing. */
async function checkUploadCors(
  patient: Patient,
  { works, broken }: FindingsOf,
  routes: AnyPreset['routes'],
): Promise<Finding> {
  const check = 'CORS of uploads';
  if (new URL(patient.baseUrl).origin === patient.origin) return works(check, 'not needed: the same origin');
  const { path } = uploadRouteOf(routes);
  const reason = await preflight(patient, `${patient.baseUrl}${path}`, 'POST', [
    'authorization',
    'content-type',
  ]);
  if (reason === null) return works(check, `pages of ${patient.origin} may send to it`);
  return broken(check, reason, `allow ${patient.origin} with POST, Authorization and Content-Type`);
}

function uploadRouteOf(routes: DirectRoutes | FormRoutes): { readonly path: string } {
  if ('presign' in routes) return { path: routes.presign.path({ files: [] }) };
  const blob = new Blob();
  const picture = { kind: 'avatar', size: 64, type: 'image/jpeg', blob } as const;
  return { path: routes.upload.path({ userId: 'me', picture, filename: 'avatar.jpg' }) };
}

async function checkUpload(
  patient: Patient,
  preset: AnyPreset,
  given: Preset,
  found: FindingsOf,
): Promise<Finding[]> {
  const { works, degrades, broken, skipped } = found;
  const findings: Finding[] = [];
  if ('presign' in preset.routes) findings.push(...(await checkStorageCors(patient, found, preset.routes)));
  const line = await openLine(patient, patient.token);
  const client = createAvatarClient({
    baseUrl: patient.baseUrl,
    userId: patient.userId,
    getToken: () => patient.token,
    preset: given,
    timeoutMs: patient.timeoutMs,
    stallMs: patient.timeoutMs,
    imageEncoder: sampleEncoder(preset.picture),
    preload: async () => {},
    tabPorts: null,
  });
  try {
    const start = performance.now();
    const { url } = await client.avatar.upload(new Blob(['sample']));
    findings.push(works('upload', `done in ${Math.round(performance.now() - start)} ms`));
    if (/^https?:/.test(url)) findings.push(await checkBytes(patient, found, url));
    else {
      const loses = 'others, and this user in another browser, do not see it';
      const mend = 'keep what was uploaded, and name it in the profile at once';
      findings.push(degrades('picture after the upload', 'the profile does not name it', loses, mend));
    }
    findings.push(await checkEvent(patient, preset, found, line));
    if (client.capabilities.deleteAvatar) {
      await client.avatar.delete();
      findings.push(works('delete', 'done'));
    } else findings.push(skipped('delete', 'the preset has none: the sample picture stays'));
  } catch (error) {
    const step = findings.some(({ check }) => check === 'upload') ? 'delete' : 'upload';
    const mend = 'compare the route with the preset, and its words above with the backend’s log';
    findings.push(broken(step, wordsOf(error), mend));
  } finally {
    client.dispose();
    line.close();
  }
  return findings;
}

async function checkEvent(
  patient: Patient,
  { events }: AnyPreset,
  { works, degrades, skipped }: FindingsOf,
  line: Line,
): Promise<Finding> {
  if (line.state !== 'open') return skipped('live event', 'there is no connection to hear it on');
  const name = await line.hear((name, payload) => {
    const facts = factsIn(patient, events, name, payload);
    return facts.some((fact) => 'userId' in fact && fact.userId === patient.userId) ? name : undefined;
  });
  if (name !== undefined) return works('live event', `heard as ${name}`);
  const mend =
    'emit user:avatar:updated {userId, avatar_url, avatar_thumb_url} to everybody, or name yours in events of a preset';
  return degrades(
    'live event',
    `none that the preset knows; heard: ${namesOf(line)}`,
    'others see the picture when they read it again',
    mend,
  );
}

/** The storage host is another origin: pages put there only what it allows them. */
async function checkStorageCors(
  patient: Patient,
  found: FindingsOf,
  routes: DirectRoutes,
): Promise<Finding[]> {
  const { works, broken, skipped } = found;
  const check = 'CORS of the storage host';
  if (patient.origin === null)
    return [skipped(check, 'pass --origin to see whether pages of the app may put to it')];
  const files = (['avatar', 'thumb'] as const).map((kind) => {
    return { kind, filename: `${kind}.webp`, contentType: 'image/webp' as const, size: 82 };
  });
  const { finding, output } = await checkRoute(patient, found, 'presign', routes.presign, { files });
  const [ticket] = output?.uploads ?? [];
  if (!ticket) return [finding];
  const { host } = new URL(ticket.url);
  const reason = await preflight(
    patient,
    ticket.url,
    ticket.method,
    Object.keys(ticket.headers).map((name) => name.toLowerCase()),
  );
  if (reason === null) return [finding, works(check, `pages of ${patient.origin} may put to ${host}`)];
  const mend = `add a CORS rule to the bucket: AllowedOrigins ${patient.origin}, AllowedMethods ${ticket.method}, AllowedHeaders *`;
  return [finding, broken(check, `${host}: ${reason}`, mend)];
}

function pictureOf(facts: readonly UserFact[]): string | null {
  for (const fact of facts) if (fact.kind === 'avatar') return fact.picture?.url ?? null;
  return null;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof VisavisError)) return String(error);
  const { cause } = error;
  return cause instanceof VisavisError ? `${error.message}; ${cause.message}` : error.message;
}
