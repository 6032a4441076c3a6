import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenError } from './start-error';

/** An address to listen at. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** The setting to change if this address can't be used. */
  readonly setting: string;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
}

/** Connections that wait to be accepted. The system's own bound is often lower. Beyond it, callers wait for seconds. */
const BACKLOG = 4_096;

/** Listens, and returns the URL and the port. For an address that means all interfaces, the URL has the loopback address. */
export async function listenHttp(server: Server, { host, port, setting }: Address): Promise<Listening> {
  try {
    server.listen(port, host, BACKLOG);
    await once(server, 'listening');
  } catch (error) {
    throw listenError(setting, host, port, error);
  }
  const { address, family, port: actual } = server.address() as AddressInfo;
  const ip = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return { url: `http://${family === 'IPv6' ? `[${ip}]` : ip}:${actual}`, port: actual };
}

/** Requests in flight are answered within this time, or not at all: a caller may hold a request open. */
const DRAIN_WITHIN_MS = 5_000;

/** Takes no new connections and closes each connection once it is idle. Resolves when all are closed. */
export async function closeHttp(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const end = setTimeout(() => server.closeAllConnections(), DRAIN_WITHIN_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(end);
}
