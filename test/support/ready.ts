import { waitFor } from './wait-for';

/**
 * Waits until a process is ready. A process that was ready a moment ago may not be now: a gateway needs a
 * query node, and a worker that takes over a duty has to catch up with the log.
 */
export const becomesReady = (healthUrl: string): Promise<void> =>
  waitFor(async () => (await fetch(`${healthUrl}/health/ready`)).status === 200);
