import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { findProgram } from './program.ts';
import { Service } from './service.ts';

const shipped = fileURLToPath(new URL('../../../examples/server/nginx.conf', import.meta.url));

/** nginx with the configuration that is shipped: only its addresses are others, and there is no log. */
export class Nginx {
  readonly url: string;
  readonly #service: Service;

  private constructor(service: Service, url: string) {
    this.#service = service;
    this.url = url;
  }

  /** @param nodes ports of loopback, of `node1` and so on */
  static async start(nodes: readonly string[]): Promise<Nginx> {
    const program = findProgram('nginx', 'nginx');
    const [service, port] = [await Service.create('nginx'), await freePort()];
    const config = join(service.folder, 'nginx.conf');
    await writeFile(config, around(service.folder, await siteOf(port, nodes)));
    const nginx = new Nginx(service, `http://127.0.0.1:${port}`);
    await service.start(program, ['-p', service.folder, '-e', 'stderr', '-c', config], {
      isReady: async () => (await fetch(`${nginx.url}/healthz`)).ok,
    });
    return nginx;
  }

  async stop(): Promise<void> {
    await this.#service.remove();
  }
}

async function siteOf(port: number, nodes: readonly string[]): Promise<string> {
  const site = (await readFile(shipped, 'utf8'))
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('access_log /dev/stdout without_queries;', 'access_log off;');
  return site.replace(/node(\d+):3000/g, (name, number) => {
    const node = nodes[Number(number) - 1];
    if (node === undefined) throw new Error(`unable to start nginx; nobody is ${name}`);
    return `127.0.0.1:${node}`;
  });
}

/** One process, so that its pid is all there is to end. */
function around(folder: string, site: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/pid;
events { worker_connections 4096; }
http {
${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
${site}
}
`;
}
