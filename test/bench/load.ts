import { setTimeout as delay } from 'node:timers/promises';

/** What a load got. */
export interface Measured {
  /** Completed calls in a second. */
  readonly rate: number;
  /** Milliseconds from a call's start to its end. */
  readonly latencies: readonly number[];
}

export interface Window {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Makes call number `i`, counted from 0 over the whole load. */
export type Call = (i: number) => Promise<unknown>;

/** Keeps `inFlight` calls in flight; counts those that end inside the window. */
export async function closedLoop(call: Call, inFlight: number, { warmUpMs, measureMs }: Window): Promise<Measured> {
  const from = performance.now() + warmUpMs;
  const until = from + measureMs;
  const latencies: number[] = [];
  let next = 0;
  const one = async () => {
    for (let start = performance.now(); start < until;) {
      await call(next++);
      const end = performance.now();
      if (end >= from && end < until) latencies.push(end - start);
      start = end;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return { rate: latencies.length / (measureMs / 1_000), latencies };
}

/**
 * Begins `perSecond` calls a second, whether or not earlier ones have ended: the timer's millisecond makes small bursts of
 * them. A call's time runs from its start.
 */
export async function openLoop(call: Call, perSecond: number, { warmUpMs, measureMs }: Window): Promise<Measured> {
  const begin = performance.now();
  const from = begin + warmUpMs;
  const until = from + measureMs;
  const latencies: number[] = [];
  const calls = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let next = 0;
  for (let now = begin; now < until && failures.length === 0; now = performance.now()) {
    for (const due = ((now - begin) / 1_000) * perSecond; next < due;) {
      const start = performance.now();
      const done = call(next++)
        .then(() => {
          if (start >= from) latencies.push(performance.now() - start);
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => calls.delete(done));
      calls.add(done);
    }
    await delay(1);
  }
  await Promise.all(calls);
  if (failures.length > 0) throw failures[0];
  return { rate: latencies.length / (measureMs / 1_000), latencies };
}

/** How long some work took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The value below which this share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
