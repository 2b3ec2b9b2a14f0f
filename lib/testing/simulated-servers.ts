import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatedApi } from './simulated-answer.js';

export type SimulatedPorts = Readonly<Record<SimulatedApi, number>>;
type Answer = (api: SimulatedApi, request: IncomingMessage, response: ServerResponse) => void;

/** A burst of connections must not be reset or wait seconds for a TCP retry. Node's default is 511. */
const BACKLOG = 4_096;
const APIS: readonly SimulatedApi[] = ['platform', 'last-mile'];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => resolve(server));
  });
}

async function close(servers: readonly Server[]): Promise<void> {
  const closed = servers.map(
    (server) =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  await Promise.all(closed);
}

/** An HTTP server on 127.0.0.1 for each API: both listen, or none does. */
export class SimulatedServers {
  readonly #answer: Answer;
  #ports: SimulatedPorts;
  #hasListened = false;
  #servers: Promise<readonly Server[]> | undefined;

  /** @param ports the ports; 0 for any free one */
  constructor(ports: SimulatedPorts, answer: Answer) {
    this.#ports = ports;
    this.#answer = answer;
  }

  /** Listens, after a stop on the same ports again. Rejects with the system's error. */
  async start(): Promise<void> {
    this.#servers ??= this.#open();
    await this.#servers;
  }

  async stop(): Promise<void> {
    const starting = this.#servers;
    this.#servers = undefined;
    await close((await starting?.catch(() => undefined)) ?? []);
  }

  /** `http://127.0.0.1:PORT/`; undefined before the first start. */
  urlOf(api: SimulatedApi): string | undefined {
    return this.#hasListened ? `http://127.0.0.1:${this.#ports[api]}/` : undefined;
  }

  async #open(): Promise<readonly Server[]> {
    const servers = APIS.map((api) => createServer((request, response) => this.#answer(api, request, response)));
    const results = await Promise.allSettled(
      servers.map((server, index) => listen(server, this.#ports[APIS[index] ?? 'platform'])),
    );
    const refused = results.find((result) => result.status === 'rejected');
    if (refused) {
      await close(servers.filter(({ listening }) => listening));
      this.#servers = undefined;
      throw refused.reason;
    }
    const [platform, lastMile] = servers.map(portOf);
    this.#ports = { platform: platform ?? 0, 'last-mile': lastMile ?? 0 };
    this.#hasListened = true;
    return servers;
  }
}
