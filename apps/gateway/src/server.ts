import type { Server } from 'node:http';

/** HTTP clients and load balancers keep idle connections for a shorter time, so that they close first. */
const KEEP_ALIVE_MS = 75_000;
/** From the first byte of a request to the end of its headers. */
const HEADERS_MS = 15_000;
/** From the first byte of a request to the end of its body. */
const REQUEST_MS = 60_000;
/** Without a byte in either direction, while a request is read or its answer is written. Longer than any answer takes. */
const IDLE_MS = 60_000;

/** Bounds the connections of a server: their number, and the time that a slow caller may take. */
export function boundConnections(server: Server, max: number): void {
  server.maxConnections = max;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.timeout = IDLE_MS;
}
