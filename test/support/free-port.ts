import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { waitFor } from './wait-for';

const FREE_WITHIN_MS = 30_000;

/**
 * A port that is free, for a process that is started later, or again after its end. It is below those that the system gives
 * out by itself, so that no other process is given it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(20_000, 32_000), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Waits until nobody listens: what a command has started elsewhere, as in a container, may live longer than the command. */
export async function isFree(port: number): Promise<void> {
  await waitFor(async () => !(await isListening(port)), { withinMs: FREE_WITHIN_MS });
}
