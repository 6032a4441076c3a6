import { codeOf, messageOf } from '@cohort/surroundings';

/** A reason why a process can't start. The message is whole sentences that name the setting, printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/**
 * Awaits a dependency that the process needs at start.
 *
 * @param setting The setting that configures the dependency.
 * @throws StartError with the setting and the reason, when the promise rejects
 */
export async function needed<T>(setting: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${setting}: ${messageOf(error)}`, { cause: error });
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: "needs a permission that this user doesn't have",
};

/** Errors of the address, whatever the port. */
const CAUSES_OF_HOST: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'is not an address of this machine',
  EINVAL: 'is not an address of this machine',
  ENOTFOUND: 'is not a known host',
  EAI_AGAIN: 'is not a known host',
};

/** Creates the error for a failed attempt to listen on a port. `setting` is that of the port; the host's ends with `HOST`. */
export function listenError(setting: string, host: string, port: number, error: unknown): StartError {
  const ofHost = CAUSES_OF_HOST[codeOf(error) ?? ''];
  if (ofHost !== undefined) {
    const hostSetting = setting.replace(/PORT$/, 'HOST');
    return new StartError(`${hostSetting}: ${host} ${ofHost}. Set ${hostSetting} to one, such as 127.0.0.1.`, {
      cause: error,
    });
  }
  const cause = CAUSES[codeOf(error) ?? ''] ?? `can't be opened (${messageOf(error)})`;
  return new StartError(`${setting}: ${host}:${port} ${cause}. Choose another, or 0 for a free port.`, {
    cause: error,
  });
}
