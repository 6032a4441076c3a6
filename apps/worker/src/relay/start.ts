import { followerWatch } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { Duty } from '../duty/duty';
import type { WorkerParts } from '../parts';
import { FeedRelay } from './relay';

/** Starts the relay, as the duty of one worker. Without JetStream it waits, and the worker is only degraded. */
export function startRelay({ context, store, bus, jetStream, setAside }: WorkerParts): Duty<FeedRelay> {
  const { settings, metrics, readiness, logger: log, onStop } = context;
  const published = new Counter({
    name: 'cohort_feed_published_total',
    help: 'Events that this worker published to the feed.',
    registers: [metrics],
  });
  const resumed = new Counter({
    name: 'cohort_feed_resumed_total',
    help: 'How often this worker determined where the feed stands, by what it found.',
    labelNames: ['found'],
    registers: [metrics],
  });
  const subscription = followerWatch(metrics, log, 'relay');
  const newRelay = (): FeedRelay =>
    new FeedRelay({
      store,
      jetStream,
      bus,
      log,
      subscription,
      maxAgeMs: settings.FEED_MAX_AGE_HOURS * 3_600_000,
      maxBytes: settings.FEED_MAX_BYTES,
      duplicateWindowMs: settings.FEED_DUPLICATE_WINDOW_SECONDS * 1_000,
      replicas: settings.FEED_REPLICAS,
      refill: settings.FEED_REFILL,
      onPublished: () => published.inc(),
      setAside,
      onResumed: (found) => resumed.inc({ found }),
    });
  const duty = new Duty('relay', newRelay, context, bus);
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
  return duty;
}
