import type { SocketDialect } from '../lib/socket-port.ts';
import type { Finding, FindingsOf } from './finding.ts';
import { openLine } from './line.ts';
import type { Patient } from './patient.ts';

/** Whether a live connection can be made, and by whom. */
export async function checkSocket(
  patient: Patient,
  { works, degrades, broken }: FindingsOf,
  dialect: SocketDialect | null,
): Promise<Finding[]> {
  const good = await openLine(patient, patient.token, dialect);
  good.close();
  if (good.state === 'unreachable') {
    return [
      degrades(
        'live connection',
        `no Socket.IO connection within ${patient.timeoutMs} ms`,
        'nothing shows by itself: changes are seen when something is read again',
        'serve Socket.IO 3 or 4 at /socket.io, or say where it is by the option socket: { url, path }',
      ),
    ];
  }
  if (good.state === 'unauthorized') {
    const mend =
      'take the token from socket.handshake.auth.token; for one that signs in by events there is chatV2';
    return [broken('live connection', 'the token that REST takes is refused', mend)];
  }
  const findings = [works('live connection', `there in ${good.ms} ms`)];
  const bad = await openLine(patient, 'visavis-doctor.not-a-token.0', dialect);
  bad.close();
  if (bad.state === 'open') {
    findings.push(
      degrades(
        'live connection with a bad token',
        'it is let in',
        'anybody can listen, and an expired session goes unnoticed',
        'verify the token in io.use() and refuse with an error of the message “unauthorized”',
      ),
    );
  } else if (bad.state === 'unreachable') {
    findings.push(
      degrades(
        'live connection with a bad token',
        'it is refused without a word of the token',
        'when a token expires, no fresh one is asked for at once: connecting is tried again and again',
        'refuse with an error of the message “unauthorized”, or with data: { code: "UNAUTHORIZED" }',
      ),
    );
  } else findings.push(works('live connection with a bad token', 'refused as such'));
  return findings;
}
