import type { FakeBackend, FakeDevice } from '../../src/testing/index.ts';

/** Another program of the same user on a good line: changes the picture several times within a blink. */
export class Robot {
  readonly #backend: FakeBackend;
  readonly #device: FakeDevice;

  constructor(backend: FakeBackend, userId: string) {
    this.#backend = backend;
    this.#device = backend.device(userId, `robot-${userId}`);
  }

  async changePictures(count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) {
      await this.#upload();
      if (done % 2 === 1) await this.#call('DELETE', '');
    }
  }

  async #upload() {
    const type = 'image/webp';
    const files = [{ type: 'avatar', filename: 'a.webp', contentType: type, size: 1 }];
    const { uploads } = await this.#call('POST', '/presign', { files });
    const [ticket] = uploads;
    await this.#device.fetch(ticket.url, { method: 'PUT', body: new Blob(['x'], { type }) });
    await this.#call('POST', '/complete', { uploads });
  }

  // biome-ignore lint/suspicious/noExplicitAny: it reads answers it knows
  async #call(method: string, path: string, body?: object): Promise<any> {
    const response = await this.#device.fetch(`${this.#backend.baseUrl}/api/users/me/avatar${path}`, {
      method,
      headers: { authorization: `Bearer ${String(this.#device.getToken({ refresh: true }))}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return response.json();
  }
}
