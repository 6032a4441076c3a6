import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry with the metrics of Node itself and `cohort_info{process,version}`. */
export function createMetrics(process: string, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const info = new Gauge({
    name: 'cohort_info',
    help: 'Always 1; its labels say what runs here.',
    labelNames: ['process', 'version'],
    registers: [registry],
  });
  info.set({ process, version }, 1);
  return registry;
}

/**
 * Counts in `cohort_overloaded_total{limit}` requests that were refused because too many were in flight, by whose limit it
 * was; each limit is there from the start, at 0.
 */
export function overloads<L extends string>(
  registry: Registry,
  kind: 'commands' | 'queries',
  limits: readonly L[],
): (limit: L) => void {
  const counter = new Counter({
    name: 'cohort_overloaded_total',
    help: `How many ${kind} were refused because too many were in flight, by whose limit it was.`,
    labelNames: ['limit'],
    registers: [registry],
  });
  for (const limit of limits) counter.inc({ limit }, 0);
  return (limit) => counter.inc({ limit });
}

/** Seconds, from a cached read to a command that waits for its deadline. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Takes down one answered request: `outcome` is `ok` or an error's code. */
export type Observe = (name: string, outcome: string, seconds: number) => void;

/** `cohort_<kind>_duration_seconds{<kind>,outcome}`: how long requests took, by name and outcome. */
export function requestDurations(registry: Registry, kind: 'command' | 'query' | 'http'): Observe {
  const histogram = new Histogram({
    name: `cohort_${kind}_duration_seconds`,
    help: `Seconds from receipt of a ${kind} request to its answer.`,
    labelNames: [kind, 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  // Looking a child up by its labels costs more than observing; names and outcomes are few.
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
