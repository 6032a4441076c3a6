import { randomUUID } from 'node:crypto';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import {
  TOMBSTONE,
  describedBy,
  metastreamOf,
  type Direction,
  type Expected,
  type LogPosition,
  type Outcome,
  type ProposedEvent,
  type RecordedEvent,
  type Write,
} from './model';
import { RecentEvents } from './recent-events';
import { DELETED, earliestVisible, firstVisible, parseRetention, restoredMetadata, type Retention } from './retention';

/** The state of a stream. A stream without any write has no id. */
interface StreamState {
  id: number | undefined;
  name: string;
  /** The newest revision; -1 for none, TOMBSTONE if the stream was tombstoned. */
  head: number;
  retention: Retention;
}

/** A stream's state, as a reader sees it. */
export type Standing = 'missing' | 'live' | 'tombstoned';

/** The parts of an event that filters need. `position` finds the whole event. */
export interface Scanned {
  position: number;
  stream: string;
  type: string;
}

type EventRow = [
  position: number,
  stream: number,
  revision: number,
  created: number,
  json: number,
  id: string,
  type: string,
  metadata: Buffer,
  data: Buffer,
];

const SCHEMA_VERSION = 1;
/** Position of the first event. It is above 0, so that a subscription that begins after position 0 includes the event. */
const FIRST_POSITION = 512;
/** Bytes that an event occupies in the numbering of positions, in addition to its own. */
const RECORD_OVERHEAD = 100;
/** Approximate limit of a page of events, in bytes. */
const PAGE_BYTES = 1 << 20;
const PAGE_EVENTS = 512;
const CACHED_STREAMS = 100_000;
const ERASED_AT_ONCE = 500;
const PAGES_AT_ONCE = 2_000;

const SCHEMA = `
  create table stream (
    id integer primary key,
    name text not null unique,
    floor integer not null default 0 -- events below it were erased; the next revision if no event is left
  );
  create table event (
    position integer primary key,
    stream integer not null references stream,
    revision integer not null,
    created integer not null,
    json integer not null,
    id text not null,
    type text not null,
    metadata blob not null,
    data blob not null
  );
  create unique index event_by_revision on event (stream, revision);
  create table log (next_position integer not null); -- the next position if the newest event was erased
  insert into log values (${FIRST_POSITION});
  pragma user_version = ${SCHEMA_VERSION};
`;

const EVENT = 'select position, stream, revision, created, json, id, type, metadata, data from event';

/**
 * The log: every event once, in order, in one SQLite file. All methods are synchronous, so that nothing runs between a
 * decision and its write. `write` returns once the whole group is on disk.
 */
export class EventLog {
  private readonly streams = new LRUCache<string, StreamState>({ max: CACHED_STREAMS });
  private readonly names = new LRUCache<number, string>({ max: CACHED_STREAMS });
  private readonly recent = new RecentEvents();
  private readonly sql: ReturnType<typeof prepare>;
  private nextPosition = FIRST_POSITION;
  private nextStream = 1;
  /** Streams written in the current transaction. */
  private touched = new Set<string>();
  /** Streams that may have hidden events, for the scavenger. */
  readonly outdated = new Set<string>();
  /** Streams with `$maxAge`, for the scavenger. */
  readonly aging = new Set<string>();

  private constructor(private readonly db: Database.Database) {
    this.sql = prepare(db);
    this.restoreCounters();
  }

  /**
   * Opens a file, or `:memory:`.
   *
   * @throws SqliteError SQLITE_BUSY: another process or another log has the file open
   * @throws NewerSchemaError
   */
  static open(file: string): EventLog {
    const db = new Database(file);
    try {
      // This pragma comes first: it excludes other connections, and the write-ahead log needs no shared memory then.
      db.exec('pragma locking_mode = exclusive');
      // This pragma changes the file's layout, so it precedes any write.
      db.exec('pragma auto_vacuum = incremental');
      db.exec('pragma journal_mode = wal');
      db.exec('pragma synchronous = full');
      // About 40 MB of write-ahead log. Pages with frequent writes are then copied to the main file less often.
      db.exec('pragma wal_autocheckpoint = 10000');
      // Erased data are overwritten with zeros.
      db.exec('pragma secure_delete = on');
      db.exec('begin immediate');
      const version = rows<[number]>(db, 'pragma user_version').get()?.[0] ?? 0;
      if (version === 0) db.exec(SCHEMA);
      else if (version > SCHEMA_VERSION) throw new NewerSchemaError(version);
      db.exec('commit');
      return new EventLog(db);
    } catch (error) {
      try {
        release(db);
      } catch {
        // The file is locked or isn't a database. The first error explains why it can't be opened.
      }
      throw error;
    }
  }

  /** Moves the write-ahead log into the main file, and releases the lock. */
  close(): void {
    release(this.db);
  }

  /**
   * Decides the writes in order, each on the result of the earlier ones, and stores them in one transaction.
   *
   * @throws SqliteError the disk failed; nothing of the group was written
   */
  write(writes: readonly Write[]): { outcomes: Outcome[]; touched: ReadonlySet<string> } {
    this.touched = new Set();
    const outcomes = this.transact(() => writes.map((write) => this.apply(write)));
    return { outcomes, touched: this.touched };
  }

  /** The position of the newest event, or 0 if there is none. */
  get lastPosition(): number {
    return this.sql.lastPosition.get()?.[0] ?? 0;
  }

  standing(stream: string): Standing {
    const state = this.stream(stream);
    if (this.isTombstoned(state)) return 'tombstoned';
    return state.head < 0 || state.retention.deleted ? 'missing' : 'live';
  }

  head(stream: string): number {
    return this.stream(stream).head;
  }

  /** Reads a page of a stream, from `revision` on (inclusive). It is empty if no visible event is left. */
  readStream(stream: string, revision: number, direction: Direction, limit: number): RecordedEvent[] {
    const state = this.stream(stream);
    if (state.id === undefined) return [];
    const visible = firstVisible(state.retention, state.head);
    const youngerThan = earliestVisible(state.retention, Date.now());
    const count = Math.min(limit, PAGE_EVENTS);
    const [first, last] =
      direction === 'forwards' ? [Math.max(revision, visible), TOMBSTONE] : [visible, Math.min(revision, state.head)];
    if (first > last) return [];
    const sizes = this.sql.streamSizes[direction].all(state.id, first, last, youngerThan, count);
    const fitting = fittingPage(sizes);
    return this.sql.streamPage[direction]
      .all(state.id, first, last, youngerThan, fitting)
      .map((row) => this.event(row));
  }

  /** Reads a page of the log: forwards from `position` (inclusive), or backwards from before it. */
  readAll(position: number, direction: Direction, limit: number): RecordedEvent[] {
    const start = this.sql.nextInLog[direction].get(position)?.[0];
    if (start === undefined) return [];
    // Positions count bytes, so a range of positions limits the memory.
    const end = direction === 'forwards' ? start + PAGE_BYTES : start - PAGE_BYTES;
    return this.sql.logPage[direction].all(start, end, Math.min(limit, PAGE_EVENTS)).map((row) => this.event(row));
  }

  /** Reads a page of the log without the events' data, for a filter. */
  scan(position: number, direction: Direction): Scanned[] {
    return this.sql.scan[direction]
      .all(position, PAGE_EVENTS)
      .map(([at, stream, type]) => ({ position: at, stream: this.name(stream), type }));
  }

  /** Returns the event at a position, or undefined if it was erased. */
  eventAt(position: number): RecordedEvent | undefined {
    const row = this.sql.eventAt.get(position);
    return row && this.event(row);
  }

  /** Whether a record starts at this position, may have started there before it was erased, or may start there later. */
  isRecordStart({ commit }: LogPosition): boolean {
    const row = this.sql.atOrBefore.get(commit);
    if (!row) return true;
    const before = this.event(row);
    return commit === before.position || commit >= before.position + recordSize(before);
  }

  /** Returns the names of metastreams after `name`, in order. The scavenger inspects all of them at start. */
  metastreamsAfter(name: string, limit: number): string[] {
    return this.sql.metastreams.all(name, limit).map(([metastream]) => metastream);
  }

  /** Queues a stream for the scavenger, if its metadata hides events. */
  inspect(stream: string): void {
    const { retention } = this.stream(stream);
    if (retention.maxAge === undefined) this.aging.delete(stream);
    else this.aging.add(stream);
    if (retention.deleted || retention.maxCount !== undefined || retention.truncateBefore || retention.maxAge)
      this.outdated.add(stream);
  }

  /** Erases some of a stream's hidden events. Returns how many, and whether more are left. */
  erase(stream: string): { erased: number; more: boolean } {
    const state = this.stream(stream);
    const id = state.id;
    if (id === undefined) return { erased: 0, more: false };
    const doomed = this.isTombstoned(state)
      ? this.sql.doomed.all(id, TOMBSTONE, 0, ERASED_AT_ONCE)
      : this.sql.doomed.all(
          id,
          firstVisible(state.retention, state.head),
          earliestVisible(state.retention, Date.now()),
          ERASED_AT_ONCE,
        );
    const last = doomed.at(-1);
    if (!last) return { erased: 0, more: false };
    this.transact(() => {
      this.sql.keepNextPosition.run(this.nextPosition);
      this.sql.keepFloor.run(last[1] + 1, id);
      for (const [position] of doomed) this.sql.erase.run(position);
    });
    return { erased: doomed.length, more: doomed.length === ERASED_AT_ONCE };
  }

  /**
   * Removes erased data from the file. Each call returns some free pages to the file system. The last call empties the
   * write-ahead log, which still has old pages. Returns whether more calls are needed.
   */
  compact(): boolean {
    this.db.exec(`pragma incremental_vacuum(${PAGES_AT_ONCE})`);
    if ((this.sql.freePages.get()?.[0] ?? 0) > 0) return true;
    this.db.prepare('pragma wal_checkpoint(truncate)').all();
    return false;
  }

  private transact<T>(work: () => T): T {
    this.db.exec('begin immediate');
    try {
      const result = work();
      this.db.exec('commit');
      return result;
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('rollback');
      // The caches may contain writes that were rolled back.
      this.streams.clear();
      this.names.clear();
      this.recent.clear();
      this.restoreCounters();
      throw error;
    }
  }

  private restoreCounters(): void {
    const last = this.sql.atOrBefore.get(Number.MAX_SAFE_INTEGER);
    const stored = this.sql.nextPosition.get()?.[0] ?? FIRST_POSITION;
    this.nextPosition = Math.max(stored, last ? last[0] + recordSize(this.event(last)) : 0);
    this.nextStream = (this.sql.lastStream.get()?.[0] ?? 0) + 1;
  }

  private apply(write: Write): Outcome {
    const state = this.stream(write.stream);
    if (write.kind === 'append') {
      if (write.deadline !== undefined && write.deadline < Date.now()) return { kind: 'timeout' };
      return this.decide(state, write.expected, write.events) ?? this.append(state, write.events);
    }
    const refused = this.decide(state, write.expected, [systemEvent('', '')]);
    if (refused) return refused;
    if (write.kind === 'tombstone') return this.tombstone(state);
    return state.head < 0 ? { kind: 'wrongExpectedVersion', current: -1 } : this.softDelete(state);
  }

  /**
   * Decides whether to perform a write. Returns undefined to perform it. Otherwise it returns the outcome: rejected, or
   * found as a repetition of an earlier write. With `any` and `streamExists`, repetitions are found only while the event
   * ids are in memory. With a revision, they are found in the log.
   */
  private decide(state: StreamState, expected: Expected, events: readonly ProposedEvent[]): Outcome | undefined {
    if (this.isTombstoned(state)) return { kind: 'streamDeleted' };
    const wrong: Outcome = { kind: 'wrongExpectedVersion', current: state.head };
    switch (expected.kind) {
      case 'streamExists':
        if (state.retention.deleted) return { kind: 'streamDeleted' };
        if (state.head < 0 && this.stream(metastreamOf(state.name)).head < 0) return wrong;
        return this.findRecent(state, events, wrong);
      case 'any':
        return this.findRecent(state, events, wrong);
      case 'noStream':
        return this.decideAt(state, -1, events, wrong);
      case 'revision':
        if (expected.revision > BigInt(state.head)) return wrong;
        return this.decideAt(state, Number(expected.revision), events, wrong);
    }
  }

  private findRecent(state: StreamState, events: readonly ProposedEvent[], wrong: Outcome): Outcome | undefined {
    let last: { revision: number; position: number } | undefined;
    for (const [index, event] of events.entries()) {
      const known = this.recent.find(event.id, state.name);
      // Known events followed by new ones are neither a repetition nor a new append.
      if (!known) return index === 0 ? undefined : wrong;
      last = known;
    }
    return last && { kind: 'success', ...last };
  }

  private decideAt(
    state: StreamState,
    expected: number,
    events: readonly ProposedEvent[],
    wrong: Outcome,
  ): Outcome | undefined {
    if (expected === state.head) return undefined;
    let position: number | undefined;
    for (const [index, event] of events.entries()) {
      const stored = state.id === undefined ? undefined : this.sql.idAt.get(state.id, expected + 1 + index);
      if (stored?.[1] === event.id) position = stored[0];
      else return index === 0 && expected === -1 && state.retention.deleted ? undefined : wrong;
    }
    return position === undefined ? undefined : { kind: 'success', revision: expected + events.length, position };
  }

  private append(state: StreamState, events: readonly ProposedEvent[]): Outcome {
    if (events.length === 0) return { kind: 'success', revision: -1, position: this.lastPosition };
    const wasDeleted = state.retention.deleted;
    const described = describedBy(state.name);
    const describedState = described === undefined ? undefined : this.stream(described);
    const describedWasDeleted = describedState?.retention.deleted ?? false;

    const restoredFrom = state.head + 1;
    let position = 0;
    for (const event of events) position = this.insert(state, event, state.head + 1);
    const outcome: Outcome = { kind: 'success', revision: state.head, position };

    // An append to a deleted stream, or to its metadata, restores the stream. Its old events stay deleted.
    if (wasDeleted) this.restore(state, restoredFrom);
    if (describedState && described !== undefined) {
      this.reloadRetention(describedState);
      if (describedWasDeleted) this.restore(describedState, describedState.head + 1);
    }
    if (state.retention.maxCount !== undefined && state.head >= state.retention.maxCount) this.outdated.add(state.name);
    return outcome;
  }

  private restore(state: StreamState, revision: number): void {
    const metastream = this.stream(metastreamOf(state.name));
    const metadata = this.newest(metastream)?.data ?? Buffer.from('{}');
    this.insert(metastream, systemEvent('$metadata', restoredMetadata(metadata, revision)), metastream.head + 1);
    this.reloadRetention(state);
    this.outdated.add(metastream.name);
  }

  private softDelete(state: StreamState): Outcome {
    const metastream = this.stream(metastreamOf(state.name));
    const metadata = systemEvent('$metadata', `{"$tb":${DELETED}}`);
    const position = this.insert(metastream, metadata, metastream.head + 1);
    this.reloadRetention(state);
    this.outdated.add(metastream.name);
    return { kind: 'success', revision: state.head, position };
  }

  private tombstone(state: StreamState): Outcome {
    const position = this.insert(state, { ...systemEvent('$streamDeleted', ''), json: false }, TOMBSTONE);
    this.outdated.add(state.name).add(metastreamOf(state.name));
    return { kind: 'success', revision: TOMBSTONE, position };
  }

  private insert(state: StreamState, event: ProposedEvent, revision: number): number {
    if (state.id === undefined) {
      state.id = this.nextStream++;
      this.sql.addStream.run(state.id, state.name);
    }
    const position = this.nextPosition;
    this.sql.addEvent.run(
      position,
      state.id,
      revision,
      Date.now(),
      event.json ? 1 : 0,
      event.id,
      event.type,
      event.metadata,
      event.data,
    );
    this.nextPosition = position + recordSize(event);
    state.head = revision;
    this.recent.add(event.id, { stream: state.name, revision, position });
    this.touched.add(state.name);
    return position;
  }

  /** Whether the stream was tombstoned. A tombstone also covers the stream's metastream. */
  private isTombstoned(state: StreamState): boolean {
    if (state.head === TOMBSTONE) return true;
    const described = describedBy(state.name);
    return described !== undefined && this.stream(described).head === TOMBSTONE;
  }

  private stream(name: string): StreamState {
    const cached = this.streams.get(name);
    if (cached) return cached;
    const row = this.sql.stream.get(name);
    const state: StreamState = row
      ? { id: row[0], name, head: Math.max(row[2] ?? -1, row[1] - 1), retention: { deleted: false } }
      : { id: undefined, name, head: -1, retention: { deleted: false } };
    this.streams.set(name, state);
    state.retention = this.loadRetention(name);
    return state;
  }

  private loadRetention(name: string): Retention {
    const metastream = this.sql.stream.get(metastreamOf(name));
    const newest = metastream && this.sql.newest.get(metastream[0]);
    return parseRetention(newest && this.event(newest).data, describedBy(name) !== undefined);
  }

  private reloadRetention(state: StreamState): void {
    state.retention = this.loadRetention(state.name);
    this.inspect(state.name);
  }

  private newest(state: StreamState): RecordedEvent | undefined {
    const row = state.id === undefined ? undefined : this.sql.newest.get(state.id);
    return row && this.event(row);
  }

  private name(id: number): string {
    const cached = this.names.get(id);
    if (cached !== undefined) return cached;
    const name = this.sql.streamName.get(id)?.[0];
    if (name === undefined) throw new Error(`The log has an event of the stream ${id}, which has no name.`);
    this.names.set(id, name);
    return name;
  }

  private event([position, stream, revision, created, json, id, type, metadata, data]: EventRow): RecordedEvent {
    return { position, stream: this.name(stream), revision, created, json: json === 1, id, type, metadata, data };
  }
}

/** The file was written by a newer version of this library. */
export class NewerSchemaError extends Error {
  constructor(version: number) {
    super(
      `it was written by a newer version of the event store (format ${version}; this version reads ${SCHEMA_VERSION})`,
    );
  }
}

/**
 * Closes the database and releases its lock. A closed connection keeps the lock until its statements are collected, so the
 * lock is released explicitly. The write-ahead log is removed first, because it was opened for one connection only.
 */
const release = (db: Database.Database): void => {
  try {
    if (db.inTransaction) db.exec('rollback');
    db.exec('pragma journal_mode = delete');
    db.exec('pragma locking_mode = normal');
    rows<[number]>(db, 'select count(*) from sqlite_schema').get();
  } finally {
    db.close();
  }
};

const recordSize = (event: Pick<ProposedEvent, 'type' | 'metadata' | 'data'>): number =>
  RECORD_OVERHEAD + event.type.length + event.metadata.length + event.data.length;

const systemEvent = (type: string, data: string | Uint8Array): ProposedEvent => ({
  id: randomUUID(),
  type,
  json: true,
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});

/** Returns how many of the rows fit in a page, at least one. */
const fittingPage = (sizes: readonly [size: number][]): number => {
  let bytes = 0;
  const over = sizes.findIndex(([size]) => (bytes += size) > PAGE_BYTES);
  return over === -1 ? sizes.length : Math.max(1, over);
};

/** A statement whose rows are arrays. libsql has no types for rows, so they are declared here. */
interface Rows<Row> {
  all(...parameters: readonly unknown[]): Row[];
  get(...parameters: readonly unknown[]): Row | undefined;
}

const rows = <Row>(db: Database.Database, sql: string): Rows<Row> => db.prepare(sql).raw(true) as unknown as Rows<Row>;

const prepare = (db: Database.Database) => {
  const inStream = 'stream = ? and revision >= ? and revision <= ? and created >= ?';
  return {
    addStream: db.prepare('insert into stream (id, name) values (?, ?)'),
    addEvent: db.prepare(
      'insert into event (position, stream, revision, created, json, id, type, metadata, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    stream: rows<[id: number, floor: number, head: number | null]>(
      db,
      'select id, floor, (select max(revision) from event where stream = stream.id) from stream where name = ?',
    ),
    streamName: rows<[string]>(db, 'select name from stream where id = ?'),
    lastStream: rows<[number | null]>(db, 'select max(id) from stream'),
    newest: rows<EventRow>(db, `${EVENT} where stream = ? order by revision desc limit 1`),
    idAt: rows<[position: number, id: string]>(db, 'select position, id from event where stream = ? and revision = ?'),
    eventAt: rows<EventRow>(db, `${EVENT} where position = ?`),
    atOrBefore: rows<EventRow>(db, `${EVENT} where position <= ? order by position desc limit 1`),
    lastPosition: rows<[number | null]>(db, 'select max(position) from event'),
    nextPosition: rows<[number]>(db, 'select next_position from log'),
    keepNextPosition: db.prepare('update log set next_position = ?'),
    metastreams: rows<[string]>(
      db,
      "select name from stream where name > ? and name >= '$$' and name < '$%' order by name limit ?",
    ),
    streamSizes: {
      forwards: rows<[number]>(
        db,
        `select length(metadata) + length(data) from event where ${inStream} order by revision limit ?`,
      ),
      backwards: rows<[number]>(
        db,
        `select length(metadata) + length(data) from event where ${inStream} order by revision desc limit ?`,
      ),
    },
    streamPage: {
      forwards: rows<EventRow>(db, `${EVENT} where ${inStream} order by revision limit ?`),
      backwards: rows<EventRow>(db, `${EVENT} where ${inStream} order by revision desc limit ?`),
    },
    nextInLog: {
      forwards: rows<[number]>(db, 'select position from event where position >= ? order by position limit 1'),
      backwards: rows<[number]>(db, 'select position from event where position < ? order by position desc limit 1'),
    },
    logPage: {
      forwards: rows<EventRow>(db, `${EVENT} where position >= ? and position < ? order by position limit ?`),
      backwards: rows<EventRow>(db, `${EVENT} where position <= ? and position > ? order by position desc limit ?`),
    },
    scan: {
      forwards: rows<[number, number, string]>(
        db,
        'select position, stream, type from event where position >= ? order by position limit ?',
      ),
      backwards: rows<[number, number, string]>(
        db,
        'select position, stream, type from event where position < ? order by position desc limit ?',
      ),
    },
    freePages: rows<[number]>(db, 'pragma freelist_count'),
    doomed: rows<[position: number, revision: number]>(
      db,
      'select position, revision from event where stream = ?1 and revision < ?2 or stream = ?1 and created < ?3 order by revision limit ?4',
    ),
    erase: db.prepare('delete from event where position = ?'),
    keepFloor: db.prepare('update stream set floor = max(floor, ?) where id = ?'),
  };
};
