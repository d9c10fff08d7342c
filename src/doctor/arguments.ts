import { parseArgs } from 'node:util';
import { presetNames } from './examine.ts';
import type { Patient } from './patient.ts';

export const usage = `usage: visavis doctor <url> --user <id> [options]

Checks a backend against presets: what works, what degrades, and how to mend it. Changes nothing without --write.

  --preset <names>  separated by commas: ${presetNames.join(', ')}
                    (default: presigned,chat)
  --user <id>       the user to ask as
  --token <token>   their bearer token; or set VISAVIS_TOKEN
  --origin <origin> where the app’s pages come from, to check CORS
  --write           also upload and delete a picture, and send messages: with a user made for this only
  --timeout <ms>    how long an answer may take (default: 5000)
  --json            print JSON

Ends with 0 when nothing is broken, with 1 when something is, with 2 when it was called wrongly.
`;

export interface Arguments {
  readonly patient: Patient;
  readonly presets: readonly string[];
  readonly asJson: boolean;
}

/** @throws TypeError saying what is wrong; `null` where help was asked for. */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Arguments | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      preset: { type: 'string', default: 'presigned,chat' },
      token: { type: 'string' },
      user: { type: 'string' },
      origin: { type: 'string' },
      timeout: { type: 'string', default: '5000' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const [command, url = '', ...others] = positionals;
  if (command !== 'doctor') throw new TypeError(`there is no command “${command ?? ''}”`);
  if (others.length > 0) throw new TypeError(`“${others.join(' ')}” is too much`);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new TypeError(`“${url}” is not an address of http or https`);
  const presets = values.preset.split(',').map((name) => name.trim());
  const unknown = presets.find((name) => !presetNames.includes(name));
  if (unknown !== undefined) throw new TypeError(`there is no preset “${unknown}”`);
  if (!values.user) throw new TypeError('--user is missing');
  const timeoutMs = Number(values.timeout);
  if (!Number.isInteger(timeoutMs) || timeoutMs <= 0)
    throw new TypeError(`--timeout “${values.timeout}” is no number of ms`);
  const { origin = null } = values;
  if (origin !== null && (!URL.canParse(origin) || new URL(origin).origin !== origin))
    throw new TypeError(`--origin “${origin}” is not an origin, such as https://app.example.com`);
  const { origin: host, pathname } = new URL(url);
  return {
    patient: {
      baseUrl: `${host}${pathname}`.replace(/\/+$/, ''),
      userId: values.user,
      token: values.token ?? env.VISAVIS_TOKEN ?? null,
      origin,
      timeoutMs,
      mayWrite: values.write,
    },
    presets,
    asJson: values.json,
  };
}
