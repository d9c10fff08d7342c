import type { UploadProgress, UploadStage } from '../models.ts';

/** Where each stage begins and ends, in percent of the time an upload usually takes. */
const spans: Readonly<Record<UploadStage, readonly [from: number, to: number]>> = {
  inspect: [0, 5],
  compress: [5, 20],
  presign: [20, 30],
  put: [30, 90],
  complete: [90, 100],
};
const order = Object.keys(spans);

/** Reports progress that never goes back: what is behind the last report is kept to oneself. */
export function createProgress(report: (progress: UploadProgress) => void) {
  let latest: UploadProgress | undefined;

  return (stage: UploadStage, loaded: number, total = 1): void => {
    const [from, to] = spans[stage];
    const next = { stage, loaded, total, fraction: (from + (to - from) * Math.min(loaded / total, 1)) / 100 };
    if (latest && !isAhead(next, latest)) return;
    latest = next;
    report(Object.freeze(next));
  };
}

function isAhead(next: UploadProgress, latest: UploadProgress): boolean {
  const stages = order.indexOf(next.stage) - order.indexOf(latest.stage);
  return stages > 0 || (stages === 0 && next.loaded > latest.loaded);
}
