import { setImmediate } from 'node:timers/promises';
import { userStream, type Position } from '@cohort/contracts';
import { AppliedPosition } from './applied-position';
import {
  copyFile,
  deleteFile,
  executeAside,
  fileError,
  isStorageFault,
  lockFile,
  openReader,
  openWriter,
  type Connection,
} from './database';
import { FIRST_POSITION, Projection, type Anchor, type Applied } from './projection';
import type { GroupHandlers } from './group-projection';
import { sliceAtAppendEnds, type LogEvent } from './log-event';
import { MembershipCache } from './membership-cache';
import { Behind, Queries } from './queries';
import { QUERY_INDEXES, SCHEMA, SCHEMA_VERSION, TABLES } from './schema';

/** Rows that one transaction writes, about: what queries wait for at most while the log is caught up with. */
const ROWS_PER_TRANSACTION = 2_000;
const CACHED_MEMBERSHIPS = 200_000;

export interface ReadModelSettings {
  /** The SQLite file; made when it isn't there. This process's alone. */
  readonly file: string;
  /** The UUID of the event store whose log is applied. */
  readonly store: string;
  /** Why what was in the file is being thrown away. */
  readonly onRebuild?: (reason: string) => void;
  /** What this build knows to apply; for tests of builds that know less. */
  readonly handlers?: GroupHandlers;
  /** Answers of `isMember` to keep in memory. Default 200,000. */
  readonly cachedMemberships?: number;
  /** Changes that the logs of who left keep at least; fewer for tests. Default 1,000. */
  readonly keptChanges?: number;
}

/** Told after each commit. */
export type CommitListener = (position: Position, applied: Applied) => void;

/**
 * The read model: tables on SQLite that are a function of the event log. The log is applied by `applyBatch`, in order;
 * `queries` answer from the tables. Both are synchronous and brief, so one thread serves them in turn; they use separate
 * connections, and the queries' one can't write.
 */
export class ReadModel {
  /** The UUID of the event store this was made from. */
  readonly store: string;
  readonly queries: Queries;
  readonly applied: AppliedPosition;
  private readonly file: string;
  private readonly projection: Projection;
  private readonly listeners = new Set<CommitListener>();
  /** Who waits for the next event of a group or user, by its stream. */
  private readonly waiters = new Map<string, Set<() => void>>();
  private mayWait = true;
  /** Events of an append whose end hasn't come yet. */
  private pending: readonly LogEvent[] = [];

  private constructor(
    private readonly writer: Connection,
    private readonly reader: Connection,
    private readonly lock: { release(): void },
    settings: ReadModelSettings,
  ) {
    this.file = settings.file;
    this.store = settings.store;
    const cache = new MembershipCache(settings.cachedMemberships ?? CACHED_MEMBERSHIPS);
    this.projection = new Projection(writer, cache, settings.handlers, settings.keptChanges);
    this.applied = new AppliedPosition(this.projection.appliedPosition);
    this.queries = new Queries(reader, cache, settings.store, () => this.applied.current);
  }

  /**
   * Opens the file. What it holds is kept when it is of this store and of this build's schema, else it is thrown away and
   * `onRebuild` told why. Throws `ReadModelFileError` when another process uses the file, or it can't be used.
   */
  static open(settings: ReadModelSettings): ReadModel {
    const lock = lockFile(settings.file);
    try {
      const writer = openFor(settings);
      return new ReadModel(writer, openReader(settings.file), lock, settings);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Deletes the file, so that `open` begins anew; nothing may have it open. */
  static delete(file: string): void {
    const lock = lockFile(file);
    deleteFile(file);
    lock.release();
  }

  /**
   * Makes `file` a copy of another node's, which may be running; from the same machine, as SQLite shares memory with it.
   * Rejects with `ReadModelFileError` when there is none, or it can't be read or written.
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
   * Rejects only when the disk or the file is at fault: nothing more may be applied then.
   */
  async applyBatch(events: readonly LogEvent[], upTo: Position): Promise<void> {
    const { slices, rest } = sliceAtAppendEnds([...this.pending, ...events], ROWS_PER_TRANSACTION);
    this.pending = rest;
    for (const [i, slice] of slices.entries()) {
      if (i > 0) await setImmediate();
      const isLast = i === slices.length - 1 && rest.length === 0;
      this.commit(slice, isLast ? upTo : slice.at(-1)!.position);
    }
    if (slices.length === 0 && rest.length === 0) this.commit([], upTo);
  }

  /**
   * Makes the indexes that only queries need, where they aren't there yet: for when a new file has caught up with the log.
   * Without them queries by user are slow. Nothing may be applied until it resolves; queries may go on. Rejects when the
   * disk or the file is at fault.
   */
  async indexForQueries(): Promise<void> {
    await executeAside(this.file, QUERY_INDEXES);
  }

  /** Calls the listener after each commit; the returned function ends that. */
  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Asks the tables, and again, within `timeoutMs`, when what was `Behind` has moved: the asker goes on from an answer of a
   * node that was ahead of this one.
   */
  async answer<T>(ask: (queries: Queries) => T, timeoutMs: number): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        return ask(this.queries);
      } catch (error) {
        const left = deadline - performance.now();
        if (!(error instanceof Behind) || left <= 0 || !this.mayWait) throw error;
        if (error.lacks.position !== undefined) await this.applied.waitFor(error.lacks.position, left);
        else await this.next(error.lacks.stream, left);
      }
    }
  }

  /** Queries that wait: for a position, or for an event of a group or user. */
  get waiting(): number {
    return [...this.waiters.values()].reduce((sum, { size }) => sum + size, this.applied.waiting);
  }

  /** Whether this sync of the user, or a later one, is completed; waits for it for at most `waitMs`. */
  async isSyncCompleted(app: string, userId: string, sync: number, waitMs: number): Promise<boolean> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      if (this.queries.completedSync(app, userId) >= sync) return true;
      const left = deadline - Date.now();
      if (left <= 0 || !this.mayWait) return false;
      await this.next(userStream(app, userId), left);
    }
  }

  /** From now on `isSyncCompleted` and `answer` say what is so, and wait no more: the process is stopping. */
  stopWaiting(): void {
    this.mayWait = false;
    for (const waiters of this.waiters.values()) for (const wake of waiters) wake();
  }

  /** All rows in a fixed order, one JSON text each: two read models of the same log give the same. */
  *dump(): Generator<string> {
    for (const [table, order] of Object.entries(TABLES)) {
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
      // A full disk or a damaged file: what is missing in the file is in its log still.
      if (!isStorageFault(error)) throw error;
    }
    this.reader.close();
    this.writer.close();
    this.lock.release();
  }

  private commit(events: readonly LogEvent[], upTo: Position): void {
    const applied = this.projection.apply(events, upTo);
    if (applied.skipped > 0) this.queries.eventsWereSkipped();
    this.applied.advance(this.projection.appliedPosition);
    if (this.waiters.size > 0) {
      for (const stream of applied.streams) for (const wake of this.waiters.get(stream) ?? []) wake();
    }
    for (const listener of this.listeners) listener(this.applied.current, applied);
  }

  /** Resolves at the next commit that has an event of the stream, or after `timeoutMs`. */
  private async next(stream: string, timeoutMs: number): Promise<void> {
    const waiters = this.waiters.get(stream) ?? new Set();
    this.waiters.set(stream, waiters);
    let wake: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      waiters.add(resolve);
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    waiters.delete(wake!);
    if (waiters.size === 0) this.waiters.delete(stream);
  }
}

/** The file with its tables, emptied when what is in it can't be used. */
function openFor({ file, store, onRebuild }: ReadModelSettings): Connection {
  const writer = openWriter(file);
  try {
    const reason = whyUnusable(writer, store);
    if (reason === undefined) return writer;
    if (reason !== 'new') onRebuild?.(reason);
  } catch (error) {
    writer.close();
    throw fileError(file, error);
  }
  writer.close();
  deleteFile(file);
  const fresh = openWriter(file);
  fresh.transaction(() => {
    fresh.exec(SCHEMA);
    fresh.prepare('INSERT INTO meta VALUES (1, ?, ?, ?)').run([SCHEMA_VERSION, store, FIRST_POSITION]);
  })();
  return fresh;
}

function whyUnusable(connection: Connection, store: string): string | undefined {
  const hasMeta = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get() !== undefined;
  if (!hasMeta) return 'new';
  const meta = connection.prepare('SELECT * FROM meta').get() as { store: string; schema_version: number } | undefined;
  if (meta === undefined) return 'new';
  if (meta.store !== store) return `it was made from event store ${meta.store}, and this is event store ${store}`;
  if (meta.schema_version !== SCHEMA_VERSION) {
    return `its schema is of version ${meta.schema_version}, and this build's is ${SCHEMA_VERSION}`;
  }
  return undefined;
}
