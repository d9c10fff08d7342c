import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { jwtVerify } from 'jose';
import { z } from 'zod';

const reserved = /^(from|message_type|google.*|gcm.*)$/;
const priority = z.enum(['NORMAL', 'HIGH']);

/** `projects.messages:send` as Google documents it, without what this server has no use for. */
const sendBody = z.strictObject({
  message: z.strictObject({
    token: z.string().min(1),
    notification: z.strictObject({ title: z.string(), body: z.string() }),
    data: z.record(
      z.string().refine((key) => !reserved.test(key)),
      z.string(),
    ),
    android: z.strictObject({ priority }),
    apns: z.strictObject({
      headers: z.record(z.string(), z.string()),
      payload: z.strictObject({
        aps: z.strictObject({ sound: z.string(), 'thread-id': z.string() }),
      }),
    }),
    webpush: z.strictObject({ headers: z.record(z.string(), z.string()) }),
  }),
});

export type FcmMessage = z.output<typeof sendBody>['message'];

export interface FcmReply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const project = 'visavis-test';

export const refusal = (status: number, name: string, errorCode?: string): FcmReply => ({
  status,
  body: {
    error: {
      code: status,
      status: name,
      message: 'refused',
      details:
        errorCode === undefined
          ? []
          : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
    },
  },
});

/** Google's two hosts on loopback: signs service accounts in, and takes what FCM takes. */
export class FcmStandIn {
  readonly account = {
    projectId: project,
    email: 'push@visavis-test.iam.gserviceaccount.com',
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  /** Every message that was sent in the right form, refused or not. */
  readonly messages: FcmMessage[] = [];
  /** What was wrong with requests. */
  readonly complaints: string[] = [];
  signIns = 0;
  /** Requests that wait for their answer. */
  busy = 0;
  /** Answers by device token, in turn; after the last one, and for others, all is well. */
  readonly replies = new Map<string, FcmReply[]>();
  #bearer = '';
  #mayAnswer: Promise<void> = Promise.resolve();
  readonly #http = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  /** Answers nothing until the function it returns is called. */
  hold(): () => void {
    let release = () => {};
    this.#mayAnswer = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Access tokens given out so far are worth nothing any more. */
  forgetSignIns(): void {
    this.#bearer = '';
  }

  /** Leads Google's addresses here, and no other address anywhere. */
  readonly fetch: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const hosts = ['https://oauth2.googleapis.com', 'https://fcm.googleapis.com'];
    if (!hosts.includes(url.origin)) throw new Error(`unexpected host ${url.origin}`);
    const { port } = this.#http.address() as AddressInfo;
    const target = new URL(`http://127.0.0.1:${port}/${url.hostname}${url.pathname}${url.search}`);
    return fetch(target, { ...init, method: init?.method ?? 'GET' });
  };

  sentTo(token: string): FcmMessage[] {
    return this.messages.filter((message) => message.token === token);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.busy += 1;
    const reply = await this.#replyTo(request, await text(request)).catch((error: unknown) => {
      this.complaints.push(String(error));
      return refusal(400, 'INVALID_ARGUMENT');
    });
    await this.#mayAnswer;
    this.busy -= 1;
    const isText = typeof reply.body === 'string';
    response.writeHead(reply.status, {
      'Content-Type': isText ? 'text/html' : 'application/json',
      ...reply.headers,
    });
    response.end(isText ? reply.body : JSON.stringify(reply.body ?? {}));
  }

  async #replyTo(request: IncomingMessage, body: string): Promise<FcmReply> {
    if (request.method !== 'POST') throw new Error(`${request.method} ${request.url}`);
    if (request.url === '/oauth2.googleapis.com/token') return this.#signIn(new URLSearchParams(body));
    if (request.url !== `/fcm.googleapis.com/v1/projects/${project}/messages:send`) {
      throw new Error(`wrong address ${request.url}`);
    }
    if (request.headers['content-type'] !== 'application/json') throw new Error('wrong content type');
    if (request.headers.authorization !== `Bearer ${this.#bearer}`) {
      return refusal(401, 'UNAUTHENTICATED');
    }
    if (Buffer.byteLength(body) > 4096) throw new Error('too large');
    const { message } = sendBody.parse(JSON.parse(body));
    this.messages.push(message);
    const reply = this.replies.get(message.token)?.shift();
    return reply ?? { status: 200, body: { name: `projects/${project}/messages/0:${this.messages.length}` } };
  }

  async #signIn(form: URLSearchParams): Promise<FcmReply> {
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
      throw new Error('wrong grant');
    }
    const { payload } = await jwtVerify(form.get('assertion') ?? '', keys.publicKey, {
      algorithms: ['RS256'],
      issuer: this.account.email,
      audience: 'https://oauth2.googleapis.com/token',
      maxTokenAge: 3600,
    });
    if (payload.scope !== 'https://www.googleapis.com/auth/firebase.messaging') {
      throw new Error('wrong scope');
    }
    this.signIns += 1;
    this.#bearer = `ya29.canary-${this.signIns}`;
    return { status: 200, body: { access_token: this.#bearer, expires_in: 3600, token_type: 'Bearer' } };
  }
}
