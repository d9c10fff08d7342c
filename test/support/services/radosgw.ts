import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { findProgram } from './program.ts';
import { Service } from './service.ts';

const run = promisify(execFile);
const asGateway = ['-n', 'client.gateway'];

/** An S3 store of our own that keeps nothing on disk: Ceph's gateway, with one monitor and one memory behind it. */
export class Radosgw {
  readonly region = 'us-east-1';
  readonly accessKeyId = 'visavis-test';
  readonly secretAccessKey = 'visavis-test-secret';
  readonly #port: number;
  readonly #monitor: Service;
  readonly #memory: Service;
  readonly #gateway: Service;

  private constructor(port: number, monitor: Service, memory: Service, gateway: Service) {
    this.#port = port;
    this.#monitor = monitor;
    this.#memory = memory;
    this.#gateway = gateway;
  }

  static async start(): Promise<Radosgw> {
    const create = (name: string) => Service.create(name);
    const parts = [await create('ceph-mon'), await create('ceph-osd'), await create('radosgw')] as const;
    for (const { folder } of parts) await mkdir(join(folder, 'data'));
    const store = new Radosgw(await freePort(), ...parts);
    try {
      await store.#startMonitor();
      await store.#startMemory();
      await store.#startGateway();
    } catch (error) {
      await store.stop();
      throw error;
    }
    return store;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The reference server's settings for a bucket here. */
  settings(bucket: string): Record<string, string> {
    return {
      AWS_REGION: this.region,
      AWS_BUCKET_NAME: bucket,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.secretAccessKey,
      S3_ENDPOINT: this.endpoint,
    };
  }

  /** It takes requests and answers none, until {@link resume}. */
  pause(): void {
    this.#gateway.signal('SIGSTOP');
  }

  resume(): void {
    this.#gateway.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    for (const part of [this.#gateway, this.#memory, this.#monitor]) await part.remove();
  }

  get #config(): string {
    return join(this.#monitor.folder, 'ceph.conf');
  }

  async #startMonitor(): Promise<void> {
    const [port, cluster] = [await freePort(), randomUUID()];
    const map = join(this.#monitor.folder, 'map');
    const maker = findProgram('monmaptool', 'ceph-common');
    await run(maker, ['--create', '--addv', 'a', `[v1:127.0.0.1:${port}]`, '--fsid', cluster, map]);
    await writeFile(this.#config, this.#configuration(port, cluster));
    const program = findProgram('ceph-mon', 'ceph-mon');
    await this.#run(program, '-i', 'a', '--mkfs', '--monmap', map);
    await this.#monitor.start(program, ['-c', this.#config, '-i', 'a', '-f'], {
      isReady: async () => (await this.#ask('mon.a', 'mon_status')).state === 'leader',
    });
  }

  async #startMemory(): Promise<void> {
    const program = findProgram('ceph-osd', 'ceph-osd');
    const id = randomUUID();
    const ceph = findProgram('ceph', 'ceph-common');
    await insist(() => this.#run(ceph, '--connect-timeout', '60', 'osd', 'new', id));
    await this.#run(program, '-i', '0', '--mkfs', '--osd-uuid', id);
    const isReady = async () => (await this.#ask('osd.0', 'status')).state === 'active';
    await insist(
      () => this.#memory.start(program, ['-c', this.#config, '-i', '0', '-f'], { isReady }),
      () => this.#memory.isRunning,
    );
  }

  async #startGateway(): Promise<void> {
    const keys = [`--access-key=${this.accessKeyId}`, `--secret-key=${this.secretAccessKey}`];
    const user = ['user', 'create', '--uid=app', '--display-name=app', ...keys];
    await this.#run(findProgram('radosgw-admin', 'radosgw'), ...asGateway, ...user);
    const args = ['-c', this.#config, ...asGateway, '-f'];
    await this.#gateway.start(findProgram('radosgw', 'radosgw'), args, {
      isReady: async () => (await fetch(this.endpoint)).ok,
    });
  }

  async #run(program: string, ...args: string[]): Promise<void> {
    await run(program, ['-c', this.#config, ...args], { timeout: 90_000 });
  }

  /** Asks a running part by its admin socket: JSON and a NUL there, four bytes of length and JSON back. */
  #ask(part: string, prefix: string): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const socket = connect(join(this.#monitor.folder, `${part}.asok`), () =>
        socket.write(`${JSON.stringify({ prefix })}\0`),
      );
      const answer: Buffer[] = [];
      socket.on('data', (bytes) => answer.push(bytes));
      socket.on('error', reject);
      socket.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(answer).toString('utf8', 4)));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #configuration(monitorPort: number, cluster: string): string {
    return `[global]
fsid = ${cluster}
mon_host = v1:127.0.0.1:${monitorPort}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_allow_insecure_global_id_reclaim = false
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 1
mon_data = ${this.#monitor.folder}/data
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_crush_chooseleaf_type = 0
osd_class_update_on_start = false
osd_objectstore = memstore
osd_data = ${this.#memory.folder}/data
memstore_device_bytes = 1073741824
run_dir = ${this.#monitor.folder}
admin_socket = ${this.#monitor.folder}/$name.asok
log_file = ${this.#monitor.folder}/$name.log
[client.gateway]
rgw_frontends = beast endpoint=127.0.0.1:${this.#port}
rgw_data = ${this.#gateway.folder}/data
rgw_thread_pool_size = 32
rgw_run_sync_thread = false
`;
  }
}

/** Now and then the first words to a monitor are refused; said again they are heard. */
async function insist(say: () => Promise<void>, isOver = () => false): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await say();
    } catch (error) {
      if (tries === 10 || isOver()) throw error;
      await sleep(500);
    }
  }
}
