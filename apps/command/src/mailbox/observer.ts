import type { CohortError } from '@cohort/contracts';

/** Receives what the mailboxes do, for metrics: a few calls for each batch, none for each command. */
export interface MailboxObserver {
  /** A batch's stream was in the cache, or has to be read. Not called for creates, which don't read their group. */
  onCache(found: 'hit' | 'miss'): void;
  /** A group, or its newer events, was read. */
  onRead(seconds: number): void;
  /** All waiting commands of a stream were rejected, because its stored events can't be used. */
  onUnusable(stream: string, error: CohortError): void;
  /** A batch is settled: its commands are answered, and its events are written. */
  onBatch(commands: number, events: number): void;
  /** The snapshot of a group with many events was searched for. */
  onSnapshotRead(found: SnapshotFound): void;
  /** A snapshot's writing ended. */
  onSnapshotWritten(how: SnapshotWritten): void;
}

/**
 * - `used`
 * - `none`: there is none, or only one of another version.
 * - `stale`: its newest event isn't the group's, or is older than the events read already.
 * - `broken`: it can't be read, or parts are missing.
 */
export type SnapshotFound = 'used' | 'none' | 'stale' | 'broken';

export type SnapshotWritten =
  | { readonly outcome: 'written'; readonly bytes: number }
  /** Another node is writing one. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'failed' };

export const UNOBSERVED: MailboxObserver = {
  onCache: () => undefined,
  onRead: () => undefined,
  onUnusable: () => undefined,
  onBatch: () => undefined,
  onSnapshotRead: () => undefined,
  onSnapshotWritten: () => undefined,
};
