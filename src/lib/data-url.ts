/** Bytes that `String.fromCharCode` takes at once in every engine. */
const chunk = 0x8000;

/** The blob as a `data:` address. */
export async function toDataUrl(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunk) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunk));
  }
  return `data:${blob.type};base64,${btoa(binary)}`;
}
