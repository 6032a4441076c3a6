import { isNativeError } from 'node:util/types';

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
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'is not a known host',
};

/** Creates the error for a failed attempt to listen on a port. */
export function listenError(setting: string, host: string, port: number, error: unknown): StartError {
  const cause = CAUSES[codeOf(error) ?? ''] ?? `can't be opened (${messageOf(error)})`;
  return new StartError(`${setting}: ${host}:${port} ${cause}. Choose another, or 0 for a free port.`, {
    cause: error,
  });
}

/** Returns the code of an operating system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

export const messageOf = (error: unknown): string => (isNativeError(error) ? error.message : String(error));
