import { EventStoreSettings, IsWhole } from '@cohort/process';
import { IsIn } from 'class-validator';
import type { Refill } from './relay/resume';

const MIB = 1024 * 1024;

/** What the worker reads from its environment beside what every process does. */
export class WorkerSettings extends EventStoreSettings {
  /** Hours for which the feed keeps an event; default a week. Older ones are answered by the query `events`. */
  @IsWhole(1, 87_600)
  FEED_MAX_AGE_HOURS = 168;

  /** Bytes the feed takes on the nats-server's disk; beyond them the oldest events go. Default 1 GiB. */
  @IsWhole(16 * MIB, Number.MAX_SAFE_INTEGER)
  FEED_MAX_BYTES = 1024 * MIB;

  /** Seconds for which the nats-server knows an event's id again. The feed doesn't rest on it. */
  @IsWhole(1, 3_600)
  FEED_DUPLICATE_WINDOW_SECONDS = 120;

  /** Servers of the NATS cluster that hold the feed and the workers' leases; counts when these are made. */
  @IsWhole(1, 5)
  FEED_REPLICAS = 1;

  /**
   * When the stream was lost (deleted, its disk wiped): `all` publishes the whole log again, `none` only what hadn't been
   * published before.
   */
  @IsIn(['all', 'none'], { message: 'must be all or none' })
  FEED_REFILL: Refill = 'all';
}
