import { Counter } from 'prom-client';
import type { WorkerParts } from '../parts';
import { Notifier } from './notifier';

/** Starts the notifications. They need no lease: all workers share a durable consumer. */
export function startNotifications(
  { context, bus, jetStream, client, setAside }: WorkerParts,
  isBusy: () => boolean,
): void {
  const { metrics, readiness, logger: log, onStop } = context;
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
    setAside,
    isBusy,
    onNotified: (kind) => notified.inc({ kind }),
  });
  readiness.add('notifications', () => notifier.why, { degraded: true });
  notifier.start();
  onStop(() => notifier.stop());
}
