import { Counter, Histogram, type Registry } from 'prom-client';

/** What happens to a follower's subscription to the event store's log. The options of `follow` have these two functions. */
export interface FollowerWatch {
  onDropped(error: Error): void;
  onLevelAgain(afterMs: number): void;
}

interface Log {
  info(details: object, message: string): void;
}

/** Seconds, from a subscription that is renewed at once to an event store that was down for minutes. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/**
 * Counts and logs the breaks of a follower's subscription, and measures how long the follower needs to be at the log's end
 * again: `cohort_follower_drops_total{follower}`, `cohort_follower_level_seconds{follower}`.
 */
export function followerWatch(registry: Registry, log: Log, follower: string): FollowerWatch {
  const { drops, level } = metricsOf(registry);
  drops.inc({ follower }, 0);
  return {
    onDropped: (error) => {
      drops.inc({ follower });
      log.info({ duty: follower, reason: error.message }, 'the subscription broke; resuming it');
    },
    onLevelAgain: (afterMs) => level.observe({ follower }, afterMs / 1_000),
  };
}

/** The metrics of all followers of a process, created by the first one. */
function metricsOf(registry: Registry) {
  const labelNames = ['follower'] as const;
  const registers = [registry];
  const name = { drops: 'cohort_follower_drops_total', level: 'cohort_follower_level_seconds' } as const;
  const drops =
    (registry.getSingleMetric(name.drops) as Counter<'follower'> | undefined) ??
    new Counter({
      name: name.drops,
      help: "Breaks of a follower's subscription to the event store's log.",
      labelNames,
      registers,
    });
  const level =
    (registry.getSingleMetric(name.level) as Histogram<'follower'> | undefined) ??
    new Histogram({
      name: name.level,
      help: "Seconds from a break of a follower's subscription until it was at the log's end again.",
      labelNames,
      buckets: BUCKETS,
      registers,
    });
  return { drops, level };
}
