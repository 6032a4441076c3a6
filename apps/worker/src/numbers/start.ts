import { followerWatch } from '@cohort/process';
import { Gauge } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { NumbersDuty } from './numbers-duty';

/** Starts the giving of numbers to new members, as the duty of one worker. */
export function startNumbers({ context, store, bus, client, setAside }: WorkerParts): void {
  const { apps, metrics, logger: log, onStop } = context;
  const subscription = followerWatch(metrics, log, 'userNumbers');
  const newTurn = (): NumbersDuty =>
    new NumbersDuty({
      store,
      client,
      apps,
      setAside,
      log,
      subscription,
      onFault: (err) => {
        log.fatal({ err }, 'unexpected error in the giving of numbers: the process exits, so that no user is skipped');
        process.exit(1);
      },
    });
  const duty = new Duty('userNumbers', newTurn, context, bus);
  new Gauge({
    name: 'cohort_user_numbers_pending',
    help: 'New members who wait for their numbers.',
    registers: [metrics],
    collect() {
      this.set(duty.turn?.pending ?? 0);
    },
  });
  duty.start();
  onStop(() => duty.stop());
}
