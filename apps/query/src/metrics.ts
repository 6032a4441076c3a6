import type { ReadModel } from '@cohort/read-model';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Metrics of the projection. */
export function projectionMetrics(registry: Registry, model: ReadModel, lagSeconds: () => number) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const applied = counter('cohort_projection_events_total', 'Events applied, failed and skipped ones included.');
  const failed = counter('cohort_projection_failed_events_total', 'Events that could not be applied.');
  const skipped = counter('cohort_projection_skipped_events_total', 'Events of types this build does not know.');
  model.onCommit((_position, done) => {
    applied.inc(done.events);
    failed.inc(done.failed);
    skipped.inc(done.skipped);
  });
  gauge('cohort_projection_lag_seconds', 'Seconds behind the newest event of the event store.', lagSeconds);
  gauge('cohort_projection_position', 'Position up to which the log is applied.', () => Number(model.applied.current));
  gauge('cohort_query_waiting', 'Queries that wait for the log to be applied further.', () => model.waiting);
  const delay = new Histogram({
    name: 'cohort_projection_delay_seconds',
    help: 'Seconds from the writing of an event to its commit here, for the last event of each batch.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60],
    registers,
  });
  return { observeDelay: (seconds: number) => delay.observe(seconds) };
}
