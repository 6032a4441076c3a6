import { codeOf, StartError } from '@cohort/process';
import { connect, createServer } from 'node:net';

/**
 * Refuses a port that can't be listened on, before anything is started. Port 0, a free one, always can.
 *
 * @param instead what else the person can do when somebody has the port
 */
export async function refuseTakenPort(setting: string, port: number, host: string, instead = ''): Promise<void> {
  const error = await tryToListen(port, host);
  if (!error) return;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      throw new StartError(
        `${setting}: port ${port} is taken by another program. Set ${setting} to another port, or to 0 for a free one${instead}.`,
      );
    case 'EACCES':
      throw new StartError(
        `${setting}: port ${port} needs rights that this user doesn't have. Set ${setting} to one above 1023.`,
      );
    case undefined:
    default:
      throw new StartError(`${setting}: port ${port} on ${host} can't be listened on (${error.message}).`);
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

/** Whether anybody takes connections at one of these addresses (`host:port`). */
export async function someoneListens(addresses: readonly string[]): Promise<boolean> {
  const urls = addresses.map((address) => new URL(`tcp://${address}`));
  return (await Promise.all(urls.map((url) => listens(url, Number(url.port))))).includes(true);
}

/**
 * Whether somebody takes connections there, and first says what begins with the greeting.
 *
 * @param greeting empty for one who waits to be spoken to
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
