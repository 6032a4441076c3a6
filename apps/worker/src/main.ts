import { Bus } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { connectEventStore } from '@cohort/event-store';
import { needed, startProcess, VERSION } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Duty } from './duty';
import { startFeed } from './feed';
import { WorkerSettings } from './settings';
import { UserSyncProcess } from './user-sync/user-sync-process';
import { WorkerModule } from './worker.module';

void startProcess({
  title: 'cohort-worker',
  settings: WorkerSettings,

  module: async (context) => {
    const { settings, apps, readiness, metrics, logger: log } = context;
    const store = await needed('EVENTSTORE_URL', connectEventStore({ url: settings.EVENTSTORE_URL, log }));
    context.onStop(() => store.close());
    const bus = await needed('NATS_URL', Bus.connect({ servers: settings.NATS_URL, name: 'cohort-worker' }));
    context.onStop(() => bus.close());
    bus.announce({
      name: 'cohort-worker',
      version: VERSION,
      description: 'Follows the log and acts: user syncs, the feed, notifications',
    });

    const completed = new Counter({
      name: 'cohort_user_syncs_completed_total',
      help: 'User syncs that this worker brought to their end.',
      registers: [metrics],
    });
    const failures = new Counter({
      name: 'cohort_user_sync_failures_total',
      help: 'Attempts at a user sync that could not be finished; each is tried again.',
      registers: [metrics],
    });
    const client = CohortClient.over(bus.connection);
    const beginSyncs = async (): Promise<UserSyncProcess> => {
      const syncs = new UserSyncProcess({
        store,
        client,
        apps,
        log,
        onCompleted: () => completed.inc(),
        onFailure: () => failures.inc(),
      });
      const { ended } = await syncs.start();
      // It ends before the stop only by a fault: the process must not go on without it.
      ended.catch((err: unknown) => {
        log.fatal({ err }, 'user syncs can not go on');
        process.exit(1);
      });
      return syncs;
    };
    const duty = new Duty('userSync', beginSyncs, context, bus);
    new Gauge({
      name: 'cohort_user_syncs_pending',
      help: 'Users with unfinished work on their syncs.',
      registers: [metrics],
      collect() {
        this.set(duty.turn?.pending ?? 0);
      },
    });

    readiness.add('event store', () => (store.status === 'connected' ? undefined : 'disconnected'));
    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'disconnected'));
    readiness.add('log', () => (duty.standsBy || duty.turn?.caughtUp ? undefined : 'catching up'));
    const failing = () => duty.turn?.failing ?? 0;
    readiness.add('user syncs', () => (failing() > 0 ? `${failing()} can't be finished yet` : undefined), {
      degraded: true,
    });

    startFeed(context, { store, bus, client });
    duty.start();
    context.onStop(() => duty.stop());
    return { module: WorkerModule };
  },
});
