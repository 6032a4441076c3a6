import { followerWatch } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { UserSyncDuty } from './user-sync-duty';

/** Starts user syncs, as the duty of one worker. */
export function startUserSyncs({ context, store, bus, client, setAside }: WorkerParts): void {
  const { apps, metrics, readiness, logger: log, onStop } = context;
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
  const subscription = followerWatch(metrics, log, 'userSync');
  const newTurn = (): UserSyncDuty =>
    new UserSyncDuty({
      store,
      client,
      apps,
      setAside,
      log,
      subscription,
      onCompleted: () => completed.inc(),
      onFailure: () => failures.inc(),
      onFault: (err) => {
        log.fatal({ err }, 'unexpected error in user syncs: the process exits, so that no sync is skipped');
        process.exit(1);
      },
    });
  const duty = new Duty('userSync', newTurn, context, bus);
  new Gauge({
    name: 'cohort_user_syncs_pending',
    help: 'Users with unfinished work on their syncs.',
    registers: [metrics],
    collect() {
      this.set(duty.turn?.pending ?? 0);
    },
  });
  readiness.add('log', () => (duty.standsBy || duty.turn?.caughtUp ? undefined : 'catching up'));
  const failing = () => duty.turn?.failing ?? 0;
  readiness.add(
    'user syncs',
    () => (failing() > 0 ? `${failing()} user(s) with failed syncs, which are being retried; see the log` : undefined),
    { degraded: true },
  );
  duty.start();
  onStop(() => duty.stop());
}
