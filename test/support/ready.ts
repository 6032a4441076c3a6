import { waitFor } from './wait-for';

/**
 * Waits until a process says that it takes work. One that was ready a moment ago may not be now: a gateway that hears its
 * first query node listens for more, and a worker that takes a duty over has the log to catch up with.
 */
export const becomesReady = (healthUrl: string): Promise<void> =>
  waitFor(async () => (await fetch(`${healthUrl}/health/ready`)).status === 200);
