import { Counter } from 'prom-client';
import { startLogDuty } from '../duty/start-log-duty';
import type { WorkerParts } from '../parts';
import { banEverywhereDuty } from './ban-everywhere-duty';

/** Starts the bans of users in all their groups, as the duty of one worker. */
export function startBansEverywhere(parts: WorkerParts): void {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [parts.context.metrics] });
  const completed = counter(
    'cohort_bans_everywhere_completed_total',
    'Bans and unbans of a user in all their groups that this worker completed.',
  );
  const failures = counter(
    'cohort_bans_everywhere_failures_total',
    'Attempts at a ban or unban of a user in all their groups that failed; each is retried.',
  );
  startLogDuty(parts, {
    duty: 'banEverywhere',
    fault: { work: 'bans in all groups', unit: 'request' },
    pending: {
      name: 'cohort_bans_everywhere_pending',
      help: 'Users with an unfinished ban or unban in all their groups.',
    },
    newTurn: (common) =>
      banEverywhereDuty({ ...common, onCompleted: () => completed.inc(), onFailure: () => failures.inc() }),
  });
}
