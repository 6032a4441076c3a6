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
    throw new StartError(`${setting}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const cause = CAUSES[code] ?? `can't be listened on (${error instanceof Error ? error.message : String(error)})`;
  return new StartError(`${setting}: ${host}:${port} ${cause}. Choose another, or 0 for a free port.`, {
    cause: error,
  });
}
