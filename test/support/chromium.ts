import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Quiet, and without the services of a desktop browser. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of a Chromium: `CHROMIUM_PATH`, an installed one, or one installed now; throws with what to do. */
export function findChromium(): string {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) {
    if (existsSync(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`unable to find a browser; CHROMIUM_PATH is ${CHROMIUM_PATH}, where there is none`);
  }
  return installed() ?? install();
}

const installed = () => known.find((path) => existsSync(path));

function install(): string {
  const attempts: [string, string[]][] =
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
      ? [
          ['apt-get', ['update', '-q']],
          ['apt-get', ['install', '-yq', '--no-install-recommends', 'chromium', 'fonts-liberation']],
        ]
      : [];
  for (const [command, args] of attempts) {
    console.log(`No Chromium found: running ${command} ${args.join(' ')}`);
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const path = installed();
  if (path) return path;
  throw new Error(
    'unable to find a browser; install Chromium or Chrome, or set CHROMIUM_PATH to one. The other tests run without: npx vitest run --project unit --project server',
  );
}
