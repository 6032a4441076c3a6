import { Counter } from 'prom-client';
import { startLogDuty } from '../duty/start-log-duty';
import type { WorkerParts } from '../parts';
import { userSyncDuty } from './user-sync-duty';

/** Starts user syncs, as the duty of one worker. */
export function startUserSyncs(parts: WorkerParts): void {
  const { metrics, readiness } = parts.context;
  const completed = new Counter({
    name: 'cohort_user_syncs_completed_total',
    help: 'User syncs that this worker completed.',
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'cohort_user_sync_failures_total',
    help: 'Attempts at a user sync that failed; each is retried.',
    registers: [metrics],
  });
  const duty = startLogDuty(parts, {
    duty: 'userSync',
    fault: { work: 'user syncs', unit: 'sync' },
    pending: { name: 'cohort_user_syncs_pending', help: 'Users with unfinished work on their syncs.' },
    newTurn: (common) =>
      userSyncDuty({ ...common, onCompleted: () => completed.inc(), onFailure: () => failures.inc() }),
  });
  readiness.add('log', () => (duty.standsBy || duty.turn?.caughtUp ? undefined : 'catching up'));
  const failing = () => duty.turn?.failing ?? 0;
  readiness.add(
    'user syncs',
    () => (failing() > 0 ? `${failing()} user(s) with failed syncs, which are being retried; see the log` : undefined),
    { degraded: true },
  );
}
