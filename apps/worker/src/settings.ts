import { EventStoreSettings, IsWhole } from '@cohort/process';
import { IsIn } from 'class-validator';
import type { Refill } from './relay/resume';

const MIB = 1024 * 1024;

/** The worker's own settings. */
export class WorkerSettings extends EventStoreSettings {
  /** Hours for which the feed keeps an event; default a week. The query `events` returns older ones. */
  @IsWhole(1, 87_600)
  FEED_MAX_AGE_HOURS = 168;

  /** Bytes of the nats-server's disk that the feed takes; beyond them the oldest events are dropped. Default 1 GiB. */
  @IsWhole(16 * MIB, Number.MAX_SAFE_INTEGER)
  FEED_MAX_BYTES = 1024 * MIB;

  /** Seconds for which the nats-server recognises an event's id. The feed doesn't rely on it. */
  @IsWhole(1, 3_600)
  FEED_DUPLICATE_WINDOW_SECONDS = 120;

  /** Servers of the NATS cluster that hold the feed and the workers' leases; applied when these are created. */
  @IsWhole(1, 5)
  FEED_REPLICAS = 1;

  /** Seconds between two sweeps of the files, each of which removes the bytes that nothing names any more. */
  @IsWhole(1, 86_400)
  FILES_SWEEP_SECONDS = 600;

  /**
   * What the relay does when the stream was lost (deleted, its disk wiped): `all` publishes the whole log again, `none`
   * only the events that were not published before.
   */
  @IsIn(['all', 'none'], { message: 'must be all or none' })
  FEED_REFILL: Refill = 'all';
}
