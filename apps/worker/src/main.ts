import { Bus, JetStream, JetStreamWatch, NATS, watchOverlap } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { FEED_STREAM } from '@cohort/contracts';
import { connectEventStore, EVENT_STORE, STORE_REPLACED } from '@cohort/event-store';
import { natsOptions, SetAside, startProcess, VERSION, waitedFor } from '@cohort/process';
import { startBansEverywhere } from './ban-everywhere/start';
import { startExpiries } from './expiries/start';
import { startFileSweep } from './file-sweep/start';
import { startNotifications } from './notifications/start';
import { startNumbers } from './numbers/start';
import { startRelay } from './relay/start';
import { WorkerSettings } from './settings';
import { startUserSyncs } from './user-sync/start';
import { WorkerModule } from './worker.module';

void startProcess({
  title: 'cohort-worker',
  settings: WorkerSettings,

  module: async (context) => {
    const { settings, readiness, logger: log } = context;
    const onReplaced = (error: Error): void => context.fatal(error, STORE_REPLACED);
    const url = settings.EVENTSTORE_URL;
    const store = await waitedFor(context, EVENT_STORE, () => connectEventStore({ url, log, onReplaced }));
    context.onStop(() => store.close());
    const options = natsOptions('cohort-worker', context);
    const bus = await waitedFor(context, NATS, () => Bus.connect(options));
    context.onStop(() => bus.close());
    watchOverlap(bus, context);
    bus.announce({
      name: 'cohort-worker',
      version: VERSION,
      description: 'Follows the log and acts: user syncs, the feed, notifications',
    });
    readiness.add('event store', () =>
      store.status === 'connected' ? store.refuses : 'not connected: check EVENTSTORE_URL',
    );
    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'not connected: check NATS_URL'));

    const watch = new JetStreamWatch({ bus, stream: FEED_STREAM, log });
    watch.start();
    context.onStop(() => watch.stop());

    const { connection } = bus;
    const parts = {
      context,
      store,
      bus,
      jetStream: new JetStream(connection),
      client: CohortClient.over(connection, { onFault: (error) => bus.faults.report(error) }),
      setAside: new SetAside(context, ['relay', 'userSync', 'notifications', 'userNumbers', 'banEverywhere']),
    };
    const relay = startRelay(parts);
    readiness.add('jetstream', () => watch.why ?? relay.turn?.notStoring);
    startNotifications(parts, () => relay.turn?.catchesUp ?? false);
    startUserSyncs(parts);
    startExpiries(parts);
    startNumbers(parts);
    startBansEverywhere(parts);
    startFileSweep(parts);
    return { module: WorkerModule };
  },
});
