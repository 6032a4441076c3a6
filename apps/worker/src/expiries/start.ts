import { followerWatch } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import { Counter } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { ExpiriesDuty } from './expiries-duty';

/** Milliseconds of failures before a warning: at a start, query and command nodes may be ready after the worker. */
const WARN_AFTER_MS = 5_000;

/** Starts the announcement of what ends by itself, as the duty of one worker. */
export function startExpiries({ context, store, bus, client }: WorkerParts): void {
  const { apps, metrics, logger: log, onStop } = context;
  const sent = new Counter({
    name: 'cohort_expiry_commands_total',
    help: 'Commands that this worker sent since something had ended by itself.',
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'cohort_expiry_failures_total',
    help: 'Queries and commands for ends that failed; each is tried again.',
    registers: [metrics],
  });
  const subscription = followerWatch(metrics, log, 'expiries');
  let why: string | undefined;
  const onFailure = (error: unknown, forMs: number): void => {
    failures.inc();
    if (forMs < WARN_AFTER_MS) return;
    const reason = messageOf(error);
    if (reason !== why) log.warn({ duty: 'expiries', why: reason }, 'an end is not announced yet: retrying');
    why = reason;
  };
  const onSent = (): void => {
    why = undefined;
    sent.inc();
  };
  const newTurn = () => new ExpiriesDuty({ store, client, apps, log, subscription, onSent, onFailure });
  const duty = new Duty('expiries', newTurn, context, bus);
  duty.start();
  onStop(() => duty.stop());
}
