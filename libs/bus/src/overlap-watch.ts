import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { REQUEST_SUBJECTS, whyItAnswersRequests } from '@cohort/contracts';
import { ErrorCode, NatsError, type JetStreamManager } from 'nats';
import type { Bus } from './bus';

const LOOK_EVERY_MS = 5_000;
const TIMEOUT_MS = 2_000;

/** The parts of a process that the watch reports to. */
interface Process {
  readonly readiness: { add(name: string, check: () => string | undefined, options: { degraded: boolean }): void };
  readonly onStop: (close: () => void) => void;
}

/**
 * Looks regularly for a JetStream stream that takes the subjects of requests, and reports it in readiness as `streams`. The
 * process stays ready: `CohortClient` sets the acknowledgements of such a stream aside. Other callers may take them for answers.
 */
export function watchOverlap(bus: Pick<Bus, 'connection' | 'status'>, { readiness, onStop }: Process): void {
  const stopping = new AbortController();
  const logger = new Logger(watchOverlap.name);
  let why: string | undefined;
  const look = async (): Promise<void> => {
    const found = await findOverlap(bus);
    if (found !== why && found !== undefined) logger.warn({ why: found }, 'requests are disturbed');
    why = found;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (bus.status === 'connected') await look();
      } catch (error) {
        // Without JetStream there are no streams. After any other failure nothing is known about them.
        if (isNotPermitted(error)) return;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  };
  readiness.add('streams', () => why, { degraded: true });
  void run();
  onStop(() => stopping.abort());
}

async function findOverlap({ connection }: Pick<Bus, 'connection'>): Promise<string | undefined> {
  const { streams } = await connection.jetstreamManager({ checkAPI: false, timeout: TIMEOUT_MS });
  for (const requests of REQUEST_SUBJECTS) {
    const names = await namesOn(streams, requests);
    for (const name of names) {
      const { config } = await streams.info(name);
      const why = whyItAnswersRequests({ name, subjects: config.subjects ?? [], noAck: config.no_ack ?? false });
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

/** The names of the streams that take some of these subjects. The server selects them, however many streams there are. */
async function namesOn(streams: JetStreamManager['streams'], subjects: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of streams.names(subjects)) names.push(name);
  return names;
}

const isNotPermitted = (error: unknown): boolean =>
  error instanceof NatsError && error.code === (ErrorCode.PermissionsViolation as string);
