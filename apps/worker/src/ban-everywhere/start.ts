import { followerWatch } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { BanEverywhereDuty } from './ban-everywhere-duty';

/** Starts the bans of users in all their groups, as the duty of one worker. */
export function startBansEverywhere({ context, store, bus, client, setAside }: WorkerParts): void {
  const { apps, metrics, logger: log, onStop } = context;
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [metrics] });
  const completed = counter(
    'cohort_bans_everywhere_completed_total',
    'Bans and unbans of a user in all their groups that this worker completed.',
  );
  const failures = counter(
    'cohort_bans_everywhere_failures_total',
    'Attempts at a ban or unban of a user in all their groups that failed; each is retried.',
  );
  const subscription = followerWatch(metrics, log, 'banEverywhere');
  const newTurn = (): BanEverywhereDuty =>
    new BanEverywhereDuty({
      store,
      client,
      apps,
      setAside,
      log,
      subscription,
      onCompleted: () => completed.inc(),
      onFailure: () => failures.inc(),
      onFault: (err) => {
        log.fatal({ err }, 'unexpected error in bans in all groups: the process exits, so that no request is skipped');
        process.exit(1);
      },
    });
  const duty = new Duty('banEverywhere', newTurn, context, bus);
  new Gauge({
    name: 'cohort_bans_everywhere_pending',
    help: 'Users with an unfinished ban or unban in all their groups.',
    registers: [metrics],
    collect() {
      this.set(duty.turn?.pending ?? 0);
    },
  });
  duty.start();
  onStop(() => duty.stop());
}
