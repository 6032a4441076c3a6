import { JetStream, type Bus } from '@cohort/bus';
import type { CohortClient } from '@cohort/client';
import type { EventStore } from '@cohort/event-store';
import type { ProcessContext } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Duty } from './duty';
import { Notifier } from './notifications/notifier';
import { FeedRelay } from './relay/relay';
import type { WorkerSettings } from './settings';

interface Connections {
  readonly store: EventStore;
  readonly bus: Bus;
  readonly client: CohortClient;
}

/**
 * Starts the relay, as a duty of one worker, and the notifications, which all workers share. Without JetStream they wait for
 * it, and user syncs go on: degraded only.
 */
export function startFeed(context: ProcessContext<WorkerSettings>, { store, bus, client }: Connections): void {
  const { settings, metrics, readiness, logger: log, onStop } = context;
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
  const beginRelay = (): FeedRelay => {
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
    relay.start();
    return relay;
  };
  const duty = new Duty('relay', beginRelay, context, bus);
  new Gauge({
    name: 'cohort_feed_lag_seconds',
    help: "Age of the oldest event that isn't in the feed yet; 0 when all are, or when another worker sees to it.",
    registers: [metrics],
    collect() {
      this.set(duty.turn?.lagSeconds ?? 0);
    },
  });
  readiness.add('feed', () => (duty.turn ? duty.turn.why : duty.standsBy ? undefined : 'starting'), { degraded: true });
  duty.start();
  onStop(() => duty.stop());

  const notified = new Counter({
    name: 'cohort_notifications_total',
    help: 'Notifications to users that this worker published.',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const notifier = new Notifier({
    jetStream,
    bus,
    client,
    log,
    isBusy: () => duty.turn?.catchesUp ?? false,
    onNotified: (kind) => notified.inc({ kind }),
  });
  readiness.add('notifications', () => notifier.why, { degraded: true });
  notifier.start();
  onStop(() => notifier.stop());
}
