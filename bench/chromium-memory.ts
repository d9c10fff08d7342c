import { readFile, writeFile } from 'node:fs/promises';
import type { Browser } from 'playwright';

/**
 * How far the renderer processes' resident memory rises above where it was while `job` runs, in MB. Linux keeps the peak
 * itself (VmHWM, reset through clear_refs), so nothing between two samples is missed. `null` on other systems.
 */
export async function peakMemory(browser: Browser, job: () => Promise<unknown>): Promise<number | null> {
  const pids = await renderers(browser);
  try {
    const before = await Promise.all(pids.map((pid) => resident(pid, 'VmRSS')));
    await Promise.all(pids.map((pid) => writeFile(`/proc/${pid}/clear_refs`, '5')));
    await job();
    const peaks = await Promise.all(pids.map((pid) => resident(pid, 'VmHWM')));
    const risen = peaks.map((peak, index) => peak - (before[index] ?? peak));
    return risen.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
  } catch {
    return null;
  }
}

async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

async function resident(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  if (Number.isNaN(kilobytes)) throw new Error(`no ${field} of process ${pid}`);
  return kilobytes;
}
