import { type IncomingMessage, request } from 'node:http';
import sharp from 'sharp';
import { checkAnswer } from './contract-support.ts';
import type { Json } from './support.ts';

export type Form = Record<string, string | File>;

/** Sends a form as pages do. */
export async function sendForm(
  server: { url: string },
  path: string,
  { token, form, headers = {} }: { token?: string; form: Form | FormData; headers?: Record<string, string> },
): Promise<{ status: number; headers: Headers; body: Json }> {
  const body = form instanceof FormData ? form : new FormData();
  if (!(form instanceof FormData)) for (const [name, value] of Object.entries(form)) body.append(name, value);
  const signed = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { ...signed, ...headers },
    body,
  });
  const answer = { status: response.status, headers: response.headers, body: await response.json() };
  checkAnswer('POST', path, answer);
  return answer;
}

/** Sends the head of a request and half of its body; the rest, and the answer's status, come when they are asked for. */
export function sendHalf(
  server: { url: string },
  path: string,
  { token, type, body }: { token: string; type: string; body: Buffer },
): () => Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': body.length };
  const sending = request(server.url + path, { method: 'POST', headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
  });
  const half = body.length / 2;
  sending.write(body.subarray(0, half));
  return async () => {
    sending.end(body.subarray(half));
    return (await answered).resume().statusCode;
  };
}

let hue = 0;

/** A file to upload, of a colour of its own. */
export async function photo(
  format: 'webp' | 'jpeg' | 'png' | 'gif' = 'png',
  name = `me.${format}`,
): Promise<File> {
  hue = (hue + 47) % 256;
  const background = { r: hue, g: 255 - hue, b: 128 };
  const bytes = await sharp({ create: { width: 400, height: 300, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
  return new File([new Uint8Array(bytes)], name, { type: `image/${format}` });
}

/** The middle of what is at this address, as `[red, green, blue]`, and its size and type. */
export async function look(url: string, token?: string) {
  const response = await fetch(
    url,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  if (response.status !== 200) return { status: response.status };
  const bytes = Buffer.from(await response.arrayBuffer());
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const middle = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 3;
  const type = response.headers.get('content-type');
  return {
    status: 200,
    type,
    width: info.width,
    height: info.height,
    colour: [...data.subarray(middle, middle + 3)],
  };
}
