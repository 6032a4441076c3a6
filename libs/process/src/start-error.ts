import { isNativeError } from 'node:util/types';

/** Why a process can't start, in whole sentences that name the setting: printed as they are, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Waits for something the process needs at start; its failure is told with the setting that leads to it. */
export async function needed<T>(setting: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${setting}: ${messageOf(error)}`, { cause: error });
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process',
  EACCES: 'may not be used by this user (missing right)',
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'is not a known host',
};

/** The sentence for a port that can't be listened on. */
export function listenError(setting: string, host: string, port: number, error: unknown): StartError {
  const cause = CAUSES[codeOf(error) ?? ''] ?? `can't be listened on (${messageOf(error)})`;
  return new StartError(`${setting}: ${host}:${port} ${cause}. Choose another, or 0 for a free port.`, {
    cause: error,
  });
}

/** The code of an error of the operating system: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

export const messageOf = (error: unknown): string => (isNativeError(error) ? error.message : String(error));
