import { codeOf, StartError } from '@cohort/process';
import { connect, createServer } from 'node:net';

/**
 * Checks that a port is free, before any part is started. Port 0 always is.
 *
 * @param instead Another remedy for the error message, for a port in use.
 * @throws StartError the port can't be opened
 */
export async function refuseTakenPort(setting: string, port: number, host: string, instead = ''): Promise<void> {
  const error = await tryToListen(port, host);
  if (!error) return;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      throw new StartError(
        `${setting}: port ${port} is in use by another program. Set ${setting} to another port, or to 0 for a free one${instead}.`,
      );
    case 'EACCES':
      throw new StartError(
        `${setting}: port ${port} needs a permission that this user doesn't have. Set ${setting} to one above 1023.`,
      );
    case undefined:
    default:
      throw new StartError(`${setting}: port ${port} on ${host} can't be opened (${error.message}).`);
  }
}

function tryToListen(port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

const ANSWERS_WITHIN_MS = 2_000;

/** Whether a server accepts connections at one of these addresses (`host:port`). */
export async function someoneListens(addresses: readonly string[]): Promise<boolean> {
  const urls = addresses.map((address) => new URL(`tcp://${address}`));
  return (await Promise.all(urls.map((url) => listens(url, Number(url.port))))).includes(true);
}

/**
 * Whether a server accepts connections at this address, and first sends the greeting.
 *
 * @param greeting Empty for a server that sends nothing first.
 */
export function listens({ hostname }: URL, port: number, greeting = ''): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWERS_WITHIN_MS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    if (greeting === '') socket.once('connect', () => finish(true));
    else socket.once('data', (data) => finish(data.toString('latin1').startsWith(greeting)));
  });
}
