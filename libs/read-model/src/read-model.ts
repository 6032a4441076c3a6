import { setImmediate } from 'node:timers/promises';
import type { Owned, Position } from '@cohort/contracts';
import { AppliedPosition } from './applied-position';
import { Behind } from './behind';
import {
  condemnFile,
  copyFile,
  deleteFile,
  executeAside,
  isStorageFault,
  lockFile,
  openReader,
  type Connection,
} from './database';
import type { EventVersions } from './event-handlers';
import type { ReadFeature } from './feature';
import { sliceAtAppendEnds, type LogEntry, type LogEvent } from './log-event';
import { openFeatures, type HotQuery } from './open-features';
import { openFile, type FileSettings } from './open-file';
import { Projection, type Anchor, type Applied } from './projection';
import { EVENTS, FEATURES, type Lookups, type TableQueries } from './registry';
import { StreamWaiters } from './stream-waiters';
import { EXPIRIES } from './tables/expiries';
import { GAPS, type GapReader } from './tables/gaps';
import type { GroupReader } from './tables/group-reader';
import { GROUPS } from './tables/groups';
import { LISTED_USERS } from './tables/listed-users';
import { IMPORTS } from './tables/imports';
import { MEMBERS } from './tables/members';
import { MEMBERSHIPS } from './tables/memberships';
import { META, type Tables } from './tables/schema';
import { TEXT_KEYS } from './tables/text-keys';
import { UNUSABLE, type GroupStanding } from './tables/unusable';

/** Rows that one transaction writes, about: how long queries wait at most while the log is caught up with. */
const ROWS_PER_TRANSACTION = 2_000;
/** Events of a group that a log of removals covers at least. */
const KEPT_CHANGES = 1_000;

export interface ReadModelSettings extends FileSettings {
  /** Other features than the build's, for tests. */
  readonly features?: readonly ReadFeature[];
  /** Other events than those of the contracts, for tests. */
  readonly events?: EventVersions;
  /** Events of a group that a log of removals covers at least; fewer for tests. Default 1,000. */
  readonly keptChanges?: number;
  /** Milliseconds since 1970, for tests. */
  readonly now?: () => number;
}

/** Called after each commit. */
export type CommitListener = (position: Position, applied: Applied) => void;

/** All tables of a read model with these features. */
export const tablesOf = (features: readonly ReadFeature[]): Tables[] => [
  META,
  GROUPS,
  MEMBERS,
  TEXT_KEYS,
  MEMBERSHIPS,
  LISTED_USERS,
  EXPIRIES,
  IMPORTS,
  ...features.flatMap(({ tables }) => tables ?? []),
  GAPS,
  UNUSABLE,
];

/**
 * The read model: tables on SQLite that are a function of the event log. `applyBatch` applies the log, in order; `queries`
 * answer from the tables. Both are synchronous and brief, so one thread serves them in turn; they use separate
 * connections, and the one of the queries can't write.
 */
export class ReadModel {
  /** The UUID of the event store this was made from. */
  readonly store: string;
  readonly applied: AppliedPosition;
  /** Answers to the queries, by their names on the wire. Throws `Behind`: see `answer`. */
  readonly queries: TableQueries;
  readonly lookups: Lookups;
  /** The hot ones among the queries, by name. */
  readonly hot: ReadonlyMap<string, HotQuery>;
  readonly groups: Pick<GroupReader, 'find' | 'mustBeUsable' | 'isBeingImported'>;
  private readonly file: string;
  private readonly tables: readonly Tables[];
  private readonly projection: Projection;
  private readonly gaps: GapReader;
  private readonly listeners = new Set<CommitListener>();
  private readonly streams = new StreamWaiters();
  private mayWait = true;
  /** Events of an append whose end hasn't come yet. */
  private pending: readonly LogEntry[] = [];

  private constructor(
    private readonly writer: Connection,
    private readonly reader: Connection,
    private readonly lock: { release(): void },
    settings: ReadModelSettings,
  ) {
    const { file, store, features = FEATURES, events = EVENTS, keptChanges = KEPT_CHANGES, now = Date.now } = settings;
    this.file = file;
    this.store = store;
    this.tables = tablesOf(features);
    const position = () => this.applied.current;
    const open = openFeatures(writer, reader, { store, features, events, keptChanges, position, now });
    this.projection = new Projection(writer, open);
    this.applied = new AppliedPosition(this.projection.appliedPosition);
    this.queries = open.queries;
    this.lookups = open.lookups;
    this.hot = open.hot;
    this.groups = open.groups;
    this.gaps = open.gaps;
  }

  /**
   * Opens the file. Content of this store and of this build's schema is kept; any other is thrown away, after a call of
   * `onRebuild`. Throws `ReadModelFileError` if another process uses the file, or if it can't be used.
   */
  static open(settings: ReadModelSettings): ReadModel {
    const lock = lockFile(settings.file);
    try {
      const writer = openFile(settings, tablesOf(settings.features ?? FEATURES));
      return new ReadModel(writer, openReader(settings.file), lock, settings);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Marks the file as damaged, so that the next `open` makes a new one. */
  condemn(): void {
    condemnFile(this.file);
  }

  /** Deletes the file, so that `open` makes a new one. Nothing may have it open. */
  static delete(file: string): void {
    const lock = lockFile(file);
    deleteFile(file);
    lock.release();
  }

  /**
   * Makes `file` a copy of another node's, which may be running; both must be on this machine, as SQLite shares memory with
   * the other process. Rejects with `ReadModelFileError` if there is none, or if it can't be read or written.
   */
  static async copy(from: string, file: string): Promise<void> {
    const lock = lockFile(file);
    try {
      await copyFile(from, file);
    } finally {
      lock.release();
    }
  }

  /** The last applied events, to compare with what the log has in their places. */
  anchors(): Anchor[] {
    return this.projection.anchors();
  }

  /**
   * Applies the next events of the log; `upTo` is how far the log has been seen, at or after the last of them. A
   * transaction ends only where an append ends: the events of an unfinished one wait here for the rest. Large batches
   * are several transactions, between which queries get their turn.
   *
   * Rejects only if the disk or the file is at fault. `applied` has the position to follow the log from, once it works again.
   */
  async applyBatch(events: readonly LogEvent[], upTo: Position): Promise<void> {
    const read = events.map((event) => this.projection.read(event));
    const { slices, rest } = sliceAtAppendEnds([...this.pending, ...read], ROWS_PER_TRANSACTION);
    this.pending = rest;
    for (const [i, slice] of slices.entries()) {
      if (i > 0) await setImmediate();
      const isLast = i === slices.length - 1 && rest.length === 0;
      this.commit(slice, isLast ? upTo : slice.at(-1)!.event.position);
    }
    if (slices.length === 0 && rest.length === 0) this.commit([], upTo);
  }

  /** The last event of an append whose end hasn't come yet. */
  get unfinished(): LogEvent | undefined {
    return this.pending.at(-1)?.event;
  }

  /** Applies the events of an append whose end hasn't come: no more of it is in the log. */
  endAppend(): void {
    const last = this.unfinished;
    if (last === undefined) return;
    this.commit(this.pending, last.position);
    this.pending = [];
  }

  /** Drops events that wait for the end of their append: the log is about to be applied again from `applied`. */
  forgetUnfinished(): void {
    this.pending = [];
  }

  /** Stores what is left of a group's stream (`whole` removes a limit), as it was found at a position of the log. */
  setStanding(owner: Owned, standing: GroupStanding | 'whole', position: Position): void {
    this.projection.setStanding(owner, standing, position);
  }

  /** The groups whose streams are whole, and have a limit that may hide events later. */
  get limitedGroups(): readonly Owned[] {
    return this.projection.standings.limited;
  }

  /**
   * Makes the indexes that only queries need, where they aren't there yet. To be called when a new file has caught up with
   * the log; without them queries by user are slow. Nothing may be applied until it resolves; queries are possible meanwhile.
   * Rejects if the disk or the file is at fault.
   */
  async indexForQueries(): Promise<void> {
    await executeAside(this.file, this.tables.map(({ queryIndexes = '' }) => queryIndexes).join('\n'));
  }

  /** Calls the listener after each commit; the returned function ends that. */
  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Why answers may be incomplete, one sentence each. */
  degraded(): string[] {
    return this.gaps.degraded();
  }

  /**
   * Runs a query. If this node is behind the node of an earlier answer (`Behind`), waits for more of the log and retries,
   * for at most `timeoutMs`.
   */
  answer<T>(ask: (queries: TableQueries) => T, timeoutMs: number): Promise<T> {
    return this.retried(() => ask(this.queries), timeoutMs);
  }

  /** Looks something up in the same way. */
  look<T>(ask: (lookups: Lookups) => T, timeoutMs: number): Promise<T> {
    return this.retried(() => ask(this.lookups), timeoutMs);
  }

  private async retried<T>(ask: () => T, timeoutMs: number): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        return ask();
      } catch (error) {
        const left = deadline - performance.now();
        if (!(error instanceof Behind) || left <= 0 || !this.mayWait) throw error;
        if (error.lacks.position !== undefined) await this.applied.waitFor(error.lacks.position, left);
        else await this.streams.next(error.lacks.stream, left);
      }
    }
  }

  /** Whether something is so; looks again after each event of the stream, for at most `waitMs`. */
  async isSo(check: () => boolean, stream: string, waitMs: number): Promise<boolean> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      if (check()) return true;
      const left = deadline - Date.now();
      if (left <= 0 || !this.mayWait) return false;
      await this.streams.next(stream, left);
    }
  }

  /** Queries that wait: for a position, or for an event of a group or user. */
  get waiting(): number {
    return this.applied.waiting + this.streams.waiting;
  }

  /** The node takes no more queries: from now on `isSo` and `answer` don't wait any more. */
  stopWaiting(): void {
    this.mayWait = false;
    this.streams.wakeAll();
  }

  /** The node takes queries again. */
  startWaiting(): void {
    this.mayWait = true;
  }

  /** All rows in a fixed order, one JSON text each: two read models of the same log give the same. */
  *dump(): Generator<string> {
    for (const [table, order] of this.tables.flatMap((tables) => Object.entries(tables.order))) {
      for (const row of this.reader.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).iterate()) {
        const { _metadata, ...columns } = row as Record<string, unknown>;
        yield `${table} ${JSON.stringify(columns)}`;
      }
    }
  }

  /** Leaves one whole file, which another node may start from a copy of. */
  close(): void {
    try {
      // The driver keeps a connection open for its statements, so that closing alone would leave a log beside the file.
      this.writer.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // A full disk or a damaged file: what is missing in the file is still in its log.
      if (!isStorageFault(error)) throw error;
    }
    this.reader.close();
    this.writer.close();
    this.lock.release();
  }

  private commit(entries: readonly LogEntry[], upTo: Position): void {
    const applied = this.projection.apply(entries, upTo);
    if (applied.skipped > 0) this.gaps.eventsWereSkipped();
    this.applied.advance(this.projection.appliedPosition);
    this.streams.wake(applied.streams);
    for (const listener of this.listeners) listener(this.applied.current, applied);
  }
}
