import { once } from 'node:events';
import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted and timed, for Prometheus. */
export interface Metrics {
  observeRequests(http: FastifyInstance): void;
  /** A command of a socket has been answered; `outcome` is `ok` or the code of the refusal. */
  observeCommand(name: string, outcome: string, ms: number): void;
  /** Something that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** Answers `GET /metrics` at an address of its own, so that it can be kept from the world. */
  serve(at: { host: string; port: number }): Promise<{ port: number; close(): Promise<void> }>;
}

/** In seconds: most answers take milliseconds, and a failover takes some seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'visavis_http_request_seconds',
    help: 'How long requests took to answer',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  });
  const commands = new Histogram({
    name: 'visavis_socket_command_seconds',
    help: 'How long commands of sockets took to answer',
    labelNames: ['command'],
    buckets,
    registers,
  });
  const outcomes = new Counter({
    name: 'visavis_socket_commands_total',
    help: 'Commands of sockets by what came of them',
    labelNames: ['command', 'outcome'],
    registers,
  });

  return {
    observeRequests(http) {
      http.addHook('onResponse', async (request, reply) => {
        // The pattern, never the path: that has ids in it.
        const route = request.routeOptions.url ?? 'none';
        requests.observe(
          { method: request.method, route, status: reply.statusCode },
          reply.elapsedTime / 1000,
        );
      });
    },
    observeCommand(command, outcome, ms) {
      commands.observe({ command }, ms / 1000);
      outcomes.inc({ command, outcome });
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    async serve(at) {
      const server = createServer(async (request, response) => {
        if (request.method !== 'GET' || request.url !== '/metrics') {
          response.writeHead(404).end();
          return;
        }
        response.writeHead(200, { 'Content-Type': registry.contentType }).end(await registry.metrics());
      });
      server.listen(at.port, at.host);
      await once(server, 'listening');
      const address = server.address();
      return {
        port: typeof address === 'object' && address !== null ? address.port : at.port,
        async close() {
          server.close();
          server.closeAllConnections();
        },
      };
    },
  };
}
