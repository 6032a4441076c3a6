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

/** What the log knows of a stream. A stream that was never written has no id. */
interface StreamState {
  id: number | undefined;
  name: string;
  /** The newest revision; -1 for none, TOMBSTONE when the name was retired. */
  head: number;
  retention: Retention;
}

/** How a stream stands to a reader. */
export type Standing = 'missing' | 'live' | 'tombstoned';

/** What a filter looks at; `position` leads to the rest. */
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
/** Where the first event stands: above 0, so that a subscription from position 0 doesn't pass it over. */
const FIRST_POSITION = 512;
/** What an event counts in the log beside its own bytes. */
const RECORD_OVERHEAD = 100;
/** A page of events holds about so many bytes at most, whatever their number. */
const PAGE_BYTES = 1 << 20;
const PAGE_EVENTS = 512;
const CACHED_STREAMS = 100_000;
const ERASED_AT_ONCE = 500;
const PAGES_AT_ONCE = 2_000;

const SCHEMA = `
  create table stream (
    id integer primary key,
    name text not null unique,
    floor integer not null default 0 -- events below it were erased; numbering goes on from it if none is left
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
  create table log (next_position integer not null); -- where numbering goes on if the newest event was erased
  insert into log values (${FIRST_POSITION});
  pragma user_version = ${SCHEMA_VERSION};
`;

const EVENT = 'select position, stream, revision, created, json, id, type, metadata, data from event';

/**
 * The log: every event once, in order, in one SQLite file. Everything here is synchronous, so that nothing can come
 * between a decision and its write; `write` returns when the whole group is on disk.
 */
export class EventLog {
  private readonly streams = new LRUCache<string, StreamState>({ max: CACHED_STREAMS });
  private readonly names = new LRUCache<number, string>({ max: CACHED_STREAMS });
  private readonly recent = new RecentEvents();
  private readonly sql: ReturnType<typeof prepare>;
  private nextPosition = FIRST_POSITION;
  private nextStream = 1;
  /** Streams that the current transaction wrote to. */
  private touched = new Set<string>();
  /** Streams with events that may no longer be seen, for the scavenger. */
  readonly outdated = new Set<string>();
  /** Streams whose events grow too old, for the scavenger. */
  readonly aging = new Set<string>();

  private constructor(private readonly db: Database.Database) {
    this.sql = prepare(db);
    this.restoreCounters();
  }

  /** Opens a file, or `:memory:`. Throws SqliteError SQLITE_BUSY when another process or log has it open. */
  static open(file: string): EventLog {
    const db = new Database(file);
    try {
      // First, so that no other connection gets in, and no shared memory is needed for the write-ahead log.
      db.exec('pragma locking_mode = exclusive');
      // Before anything is written, as it is part of the file's layout.
      db.exec('pragma auto_vacuum = incremental');
      db.exec('pragma journal_mode = wal');
      db.exec('pragma synchronous = full');
      // Some 40 MB of write-ahead log: a page that is written again and again is copied to its place less often.
      db.exec('pragma wal_autocheckpoint = 10000');
      // What is erased is overwritten with zeros, not only forgotten.
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
        // It was never ours, or is no database: why it can't be opened is said by the first error.
      }
      throw error;
    }
  }

  /** Brings everything into the one file and lets go of it. */
  close(): void {
    release(this.db);
  }

  /**
   * Decides the writes in order, each on what the earlier ones left, and puts them on disk in one transaction.
   * Throws when the disk refuses; then none of them has happened.
   */
  write(writes: readonly Write[]): { outcomes: Outcome[]; touched: ReadonlySet<string> } {
    this.touched = new Set();
    const outcomes = this.transact(() => writes.map((write) => this.apply(write)));
    return { outcomes, touched: this.touched };
  }

  /** The position of the newest event, or of the log's start. */
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

  /** A page of a stream, from `revision` on (inclusive): empty when there is nothing more to see. */
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

  /** A page of the log: forwards from `position` on (inclusive), backwards from before it. */
  readAll(position: number, direction: Direction, limit: number): RecordedEvent[] {
    const start = this.sql.nextInLog[direction].get(position)?.[0];
    if (start === undefined) return [];
    // A position counts bytes, so a range of positions is a bound on memory.
    const end = direction === 'forwards' ? start + PAGE_BYTES : start - PAGE_BYTES;
    return this.sql.logPage[direction].all(start, end, Math.min(limit, PAGE_EVENTS)).map((row) => this.event(row));
  }

  /** What a filter needs of a page of the log, without the events' data. */
  scan(position: number, direction: Direction): Scanned[] {
    return this.sql.scan[direction]
      .all(position, PAGE_EVENTS)
      .map(([at, stream, type]) => ({ position: at, stream: this.name(stream), type }));
  }

  /** The event at a position, unless it was erased in the meantime. */
  eventAt(position: number): RecordedEvent | undefined {
    const row = this.sql.eventAt.get(position);
    return row && this.event(row);
  }

  /** Whether a record starts here, stood here before it was erased, or could still come. */
  isRecordStart({ commit }: LogPosition): boolean {
    const row = this.sql.atOrBefore.get(commit);
    if (!row) return true;
    const before = this.event(row);
    return commit === before.position || commit >= before.position + recordSize(before);
  }

  /** Names of metastreams after `name`, in order: what the scavenger looks through at start. */
  metastreamsAfter(name: string, limit: number): string[] {
    return this.sql.metastreams.all(name, limit).map(([metastream]) => metastream);
  }

  /** Notes what a stream's metadata asks the scavenger to do. */
  inspect(stream: string): void {
    const { retention } = this.stream(stream);
    if (retention.maxAge === undefined) this.aging.delete(stream);
    else this.aging.add(stream);
    if (retention.deleted || retention.maxCount !== undefined || retention.truncateBefore || retention.maxAge)
      this.outdated.add(stream);
  }

  /** Erases some of a stream's events that may no longer be seen; says how many, and whether more are left. */
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
   * Lets go of what was erased: gives free pages back, some at a time, and at last empties the write-ahead log, which
   * still holds old pages. Says whether more is left.
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
      // What was remembered may never have happened.
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
   * Whether a write may happen (undefined), or how it is answered instead: refused, or found to have happened before.
   * With `any` and `streamExists` earlier events are found while remembered, with a revision by looking in the log.
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
      // Known events followed by new ones: neither a repetition nor a new append.
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

    // Appending to a deleted stream, or to its metadata, brings it back; what was deleted stays so.
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

  /** A tombstoned stream's metastream is gone as well. */
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
    if (name === undefined) throw new Error(`The log has an event of a stream that it doesn't know: ${id}`);
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
    super(`it was written by a newer version of the event store (format ${version}, this one knows ${SCHEMA_VERSION})`);
  }
}

/**
 * A connection lives on until its statements are collected, so its lock is given back by hand: first the write-ahead
 * log must go, as it can't be shared once it was opened for one connection alone.
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

/** How many of the rows fit in a page; one always does. */
const fittingPage = (sizes: readonly [size: number][]): number => {
  let bytes = 0;
  const over = sizes.findIndex(([size]) => (bytes += size) > PAGE_BYTES);
  return over === -1 ? sizes.length : Math.max(1, over);
};

/** A statement whose rows come as arrays: the types that libsql doesn't know are stated here, beside the SQL. */
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
