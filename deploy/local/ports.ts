import { listenError, StartError } from '@cohort/process';
import { codeOf } from '@cohort/surroundings';
import { createServer } from 'node:net';

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
      throw listenError(setting, host, port, error);
  }
}

function tryToListen(port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
