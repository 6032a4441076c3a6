import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Creates a registry with Node's default metrics and `cohort_info{process,version}`. */
export function createMetrics(process: string, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const info = new Gauge({
    name: 'cohort_info',
    help: 'Always 1; the labels name the process and its version.',
    labelNames: ['process', 'version'],
    registers: [registry],
  });
  info.set({ process, version }, 1);
  return registry;
}

/**
 * Creates the counter `cohort_overloaded_total{limit}`: requests rejected because too many were in flight, by the limit
 * that rejected them. Every limit starts at 0.
 */
export function overloads<L extends string>(
  registry: Registry,
  kind: 'commands' | 'queries',
  limits: readonly L[],
): (limit: L) => void {
  const counter = new Counter({
    name: 'cohort_overloaded_total',
    help: `Number of ${kind} rejected because too many were in flight, by the limit that rejected them.`,
    labelNames: ['limit'],
    registers: [registry],
  });
  for (const limit of limits) counter.inc({ limit }, 0);
  return (limit) => counter.inc({ limit });
}

/** Seconds. The range reaches from a cached read to a command that waits for its deadline. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Records one answered request. `outcome` is `ok` or an error code. */
export type Observe = (name: string, outcome: string, seconds: number) => void;

/** Creates the histogram `cohort_<kind>_duration_seconds{<kind>,outcome}` of request durations. */
export function requestDurations(registry: Registry, kind: 'command' | 'query' | 'http'): Observe {
  const histogram = new Histogram({
    name: `cohort_${kind}_duration_seconds`,
    help: `Seconds from receipt of a ${kind} request to its reply.`,
    labelNames: [kind, 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  // Looking up a child by its labels costs more than the observation. Names and outcomes are few, so all are kept.
  const children = new Map<string, { observe(seconds: number): void }>();
  return (name, outcome, seconds) => {
    const key = `${name} ${outcome}`;
    let child = children.get(key);
    if (!child) {
      child = histogram.labels(name, outcome);
      children.set(key, child);
    }
    child.observe(seconds);
  };
}
