import { Bus, JetStream } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { connectEventStore } from '@cohort/event-store';
import { needed, startProcess, VERSION } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Notifier } from './notifications/notifier';
import { FeedRelay } from './relay/relay';
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
    const syncs = new UserSyncProcess({
      store,
      client,
      apps,
      log,
      onCompleted: () => completed.inc(),
      onFailure: () => failures.inc(),
    });
    new Gauge({
      name: 'cohort_user_syncs_pending',
      help: 'Users with unfinished work on their syncs.',
      registers: [metrics],
      collect() {
        this.set(syncs.pending);
      },
    });

    readiness.add('event store', () => (store.status === 'connected' ? undefined : 'disconnected'));
    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'disconnected'));
    readiness.add('log', () => (syncs.caughtUp ? undefined : 'catching up'));
    readiness.add('user syncs', () => (syncs.failing > 0 ? `${syncs.failing} can't be finished yet` : undefined), {
      degraded: true,
    });

    const published = new Counter({
      name: 'cohort_feed_published_total',
      help: 'Events that this worker published to the feed.',
      registers: [metrics],
    });
    const resumed = new Counter({
      name: 'cohort_feed_resumed_total',
      help: 'How often this worker looked anew where the feed stands, by what it found.',
      labelNames: ['found'],
      registers: [metrics],
    });
    const jetStream = new JetStream(bus.connection);
    const relay = new FeedRelay({
      store,
      jetStream,
      bus,
      log,
      maxAgeMs: settings.FEED_MAX_AGE_HOURS * 3_600_000,
      maxBytes: settings.FEED_MAX_BYTES,
      duplicateWindowMs: settings.FEED_DUPLICATE_WINDOW_SECONDS * 1_000,
      replicas: settings.FEED_REPLICAS,
      refill: settings.FEED_REFILL,
      onPublished: () => published.inc(),
      onResumed: (found) => resumed.inc({ found }),
    });
    new Gauge({
      name: 'cohort_feed_lag_seconds',
      help: "Age of the oldest event that isn't in the feed yet; 0 when all are.",
      registers: [metrics],
      collect() {
        this.set(relay.lagSeconds);
      },
    });
    // Syncs go on without it.
    readiness.add('feed', () => relay.why, { degraded: true });
    relay.start();
    context.onStop(() => relay.stop());

    const notified = new Counter({
      name: 'cohort_notifications_total',
      help: 'Notifications to users that this worker published.',
      labelNames: ['kind'],
      registers: [metrics],
    });
    const notifier = new Notifier({ jetStream, bus, client, log, onNotified: (kind) => notified.inc({ kind }) });
    readiness.add('notifications', () => notifier.why, { degraded: true });
    notifier.start();
    context.onStop(() => notifier.stop());

    const { ended } = await needed('EVENTSTORE_URL', syncs.start());
    context.onStop(() => syncs.stop());
    // It ends before the stop only by a fault: the process must not go on without it.
    ended.catch((err: unknown) => {
      log.fatal({ err }, 'user syncs can not go on');
      process.exit(1);
    });
    return { module: WorkerModule };
  },
});
