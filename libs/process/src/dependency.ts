import { backoff, oncePer } from '@cohort/contracts';
import { messageOf } from '@cohort/surroundings';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessContext } from './process-context';
import { StartError } from './start-error';

const LOG_EVERY_MS = 60_000;
const PAUSES = { first: 100, longest: 500 } as const;

export interface Dependency {
  /** The name of its readiness check. */
  readonly name: string;
  /** The setting that configures it. */
  readonly setting: string;
  /** Whether an error means that it can't be reached now. Any other error means that the setting is wrong. */
  readonly isAway: (error: unknown) => boolean;
}

/**
 * Connects a dependency that the process needs at start. While it is away, the process waits inside: it is live and not ready,
 * and the readiness check has the reason. So an outage during the start ends no process.
 *
 * @throws StartError the setting is wrong, so waiting doesn't help
 */
export async function waitedFor<T>(
  { readiness, logger }: Pick<ProcessContext<object>, 'readiness' | 'logger'>,
  { name, setting, isAway }: Dependency,
  connect: () => Promise<T>,
): Promise<T> {
  const logs = oncePer(LOG_EVERY_MS);
  let why = 'connecting';
  readiness.add(name, () => why);
  for (let failures = 1; ; failures++) {
    try {
      const connected = await connect();
      if (failures > 1) logger.info({ setting }, `${name}: connected`);
      readiness.remove(name);
      return connected;
    } catch (error) {
      if (!isAway(error)) throw new StartError(`${setting}: ${messageOf(error)}`, { cause: error });
      why = `waiting: ${messageOf(error)}`;
      if (logs() > 0) logger.warn({ setting, why: messageOf(error) }, `${name}: waiting until it can be reached`);
    }
    await sleep(backoff(failures, PAUSES));
  }
}
