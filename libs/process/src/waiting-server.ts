import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { closeHttp, listenHttp, type Address } from './listen';
import type { Readiness } from './readiness';

interface Parts {
  readonly readiness: Readiness;
  readonly metrics: Registry;
}

/** The addresses of a process. Without one for `health`, health and metrics have that of `http`. */
export interface Addresses {
  readonly http: Address;
  readonly health: Address | undefined;
}

/**
 * Serves health and metrics while the process waits for what it needs at start, at the addresses that the application takes
 * over. Any other request is answered 503, so that its caller tries again.
 */
export class WaitingServers {
  private readonly servers: Server[] = [];

  private constructor(private readonly parts: Parts) {}

  /**
   * Listens at the addresses, and returns them with the selected port in the place of each port 0.
   *
   * @throws StartError an address can't be used
   */
  static async open({ http, health }: Addresses, parts: Parts): Promise<{ servers: WaitingServers } & Addresses> {
    const servers = new WaitingServers(parts);
    return {
      servers,
      http: await servers.listen(http, health === undefined),
      health: health && (await servers.listen(health, true)),
    };
  }

  /** Frees the addresses. Answers that are under way are finished. */
  async close(): Promise<void> {
    await Promise.all(this.servers.splice(0).map(closeHttp));
  }

  private async listen(address: Address, hasHealth: boolean): Promise<Address> {
    const server = createServer((request, response) => void answer(request, response, hasHealth, this.parts));
    this.servers.push(server);
    const { port } = await listenHttp(server, address);
    return { ...address, port };
  }
}

async function answer(
  { url = '' }: IncomingMessage,
  response: ServerResponse,
  hasHealth: boolean,
  { readiness, metrics }: Parts,
): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', Connection: 'close', 'Retry-After': '1' };
    response.writeHead(status, headers).end(body);
  };
  const sendJson = (status: number, value: object): void =>
    send(status, 'application/json; charset=utf-8', JSON.stringify(value));
  const path = hasHealth ? url.replace(/\?.*$/, '') : '';
  if (path === '/health/live') sendJson(200, { status: 'ok', info: {}, error: {}, details: {} });
  else if (path === '/health/ready') sendJson(503, terminus(readiness));
  else if (path === '/metrics') send(200, metrics.contentType, await metrics.metrics());
  else sendJson(503, { status: 'error', message: 'The process is starting. Try again later.' });
}

/** The findings, in the form in which the application answers them. */
function terminus(readiness: Readiness): object {
  const all = readiness.findings().map(({ name, why, degraded }) => {
    const isUp = why === undefined || degraded;
    return { name, isUp, state: isUp ? { status: 'up' } : { status: 'down', message: why } };
  });
  const of = (some: typeof all): object => Object.fromEntries(some.map(({ name, state }) => [name, state]));
  return {
    status: 'error',
    info: of(all.filter(({ isUp }) => isUp)),
    error: of(all.filter(({ isUp }) => !isUp)),
    details: of(all),
  };
}
