/** Hears what the mailboxes do, for metrics: a few calls for each batch, none for each command. */
export interface MailboxObserver {
  /** A batch's group was in the cache, or has to be read. Creates, which don't look for their group, say neither. */
  onCache(found: 'hit' | 'miss'): void;
  /** A group, or its newer events, was read. */
  onRead(seconds: number): void;
  /** A batch is settled: so many commands are answered at once, and so many events were written for them. */
  onBatch(commands: number, events: number): void;
  /** A snapshot was looked for, when a group with many events was read. */
  onSnapshotRead(found: SnapshotFound): void;
  /** A snapshot's writing ended. */
  onSnapshotWritten(how: SnapshotWritten): void;
}

/**
 * - `used`
 * - `none`: there is none, or only one of another version.
 * - `stale`: its newest event isn't the group's, or is before what is known already.
 * - `broken`: it can't be read, or isn't whole.
 */
export type SnapshotFound = 'used' | 'none' | 'stale' | 'broken';

export type SnapshotWritten =
  | { readonly outcome: 'written'; readonly bytes: number }
  /** Another node is writing one. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'failed' };

export const NOBODY: MailboxObserver = {
  onCache: () => undefined,
  onRead: () => undefined,
  onBatch: () => undefined,
  onSnapshotRead: () => undefined,
  onSnapshotWritten: () => undefined,
};
