/** After this time, a further request isn't the same one any more. */
const ASKED_AGAIN_MS = 1_000;

const REASONS = {
  SIGINT: 'Ctrl-C',
  SIGQUIT: 'Ctrl-\\',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'The terminal is closed',
} as const;

/**
 * Resolves with the reason of the first request to stop.
 *
 * @param whenNpmEnds Registers what is called when the npm that runs this process ends.
 * @param onSecond Called for a second request, at least 1 s later: the person doesn't want to wait.
 */
export function whenAskedToStop(whenNpmEnds: (then: () => void) => void, onSecond: () => void): Promise<string> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = (reason: string): void => {
      askedAt ??= Date.now();
      // The terminal and npm both send a signal for one Ctrl-C. That counts as one request.
      if (Date.now() - askedAt > ASKED_AGAIN_MS) onSecond();
      resolve(reason);
    };
    for (const [signal, reason] of Object.entries(REASONS)) process.on(signal, () => ask(reason));
    whenNpmEnds(() => ask('npm has ended'));
  });
}
