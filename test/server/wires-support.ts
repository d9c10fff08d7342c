import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import sharp from 'sharp';
import type { Database } from '../../examples/server/src/database/database.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import { checkAnswer } from './contract-support.ts';
import { type Json, type ServerOptions, startServer, type TestServer } from './support.ts';

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
export async function sendHalf(
  server: { url: string },
  path: string,
  { token, content }: { token: string; content: Response },
): Promise<() => Promise<number>> {
  const body = Buffer.from(await content.arrayBuffer());
  const sending = request(server.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': content.headers.get('content-type') ?? '',
      'content-length': body.length,
    },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
  });
  const half = Math.floor(body.length / 2);
  sending.write(body.subarray(0, half));
  return async () => {
    sending.end(body.subarray(half));
    const answer = await answered;
    const { statusCode: status = 0 } = answer;
    checkAnswer('POST', path, { status, body: await json(answer) });
    return status;
  };
}

/** A form with a picture, as it goes over the wire. */
export async function pictureForm(field: string): Promise<Response> {
  const form = new FormData();
  form.append(field, await photo());
  return new Response(form);
}

/** A server, and how many uploads it knows of. */
export async function startCounting(
  options: ServerOptions = {},
): Promise<{ server: TestServer; begun: () => Promise<number> }> {
  const opened: Database[] = [];
  const server = await startServer({
    ...options,
    openDatabase: async (...given) => {
      const database = await openDatabase(...given);
      opened.push(database);
      return database;
    },
  });
  return { server, begun: async () => (await opened[0]?.query('select id from uploads'))?.length ?? 0 };
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
