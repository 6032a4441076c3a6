import { comparePositions, groupStream, readStored, type Owned, type Position, type Reading } from '@cohort/contracts';
import { messageOf } from '@cohort/surroundings';
import type { AfterCommit } from './after-commit';
import { isStorageFault, type Connection, type Statement } from './database';
import type { EventHandlers } from './event-handlers';
import type { LogEntry, LogEvent } from './log-event';
import { GapTable, type Category } from './tables/gaps';
import type { GroupTable } from './tables/groups';
import type { Standings } from './standings';
import type { TextKeyTable } from './tables/text-keys';
import type { GroupStanding } from './tables/unusable';

/** What one transaction did. */
export interface Applied {
  /** Events of groups and users in it, those that were set aside or skipped included. */
  readonly events: number;
  readonly failed: number;
  readonly skipped: number;
  /** Streams of these events. */
  readonly streams: ReadonlySet<string>;
}

/** What the projection writes with. */
export interface ProjectionParts {
  readonly groupTable: GroupTable;
  readonly textKeys: TextKeyTable;
  readonly handlers: EventHandlers;
  readonly afterCommit: AfterCommit;
  readonly standings: Standings;
}

/** The last event that was applied, by which the log is recognized: another one in its place is another log. */
export interface Anchor {
  readonly category: Category;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly eventId: string;
}

/**
 * Applies the log to the tables, in transactions whose ends the caller chooses, and stores the position that each reaches.
 *
 * An event of an unknown type, or of a newer version than this build knows, is skipped, and the position before the first
 * of its kind is kept. When a build that knows it opens the file, it goes back there and applies all that follow again.
 * Handlers are such that this ends in the rows of a rebuild (tested), without reading the log from its beginning. The node
 * isn't ready until it has caught up, so no query sees the rows on their way.
 */
export class Projection {
  private readonly gaps: GapTable;
  private readonly saveMeta: Statement;
  private readonly saveAnchor: Statement;
  private position: Position;
  /** Events that the transaction at hand has skipped, and set aside, so far. */
  private skipped = 0;
  private failed = 0;

  private readonly groups: GroupTable;
  private readonly textKeys: TextKeyTable;
  private readonly handlers: EventHandlers;
  private readonly afterCommit: AfterCommit;
  readonly standings: Standings;

  constructor(
    private readonly connection: Connection,
    { groupTable, textKeys, handlers, afterCommit, standings }: ProjectionParts,
  ) {
    this.groups = groupTable;
    this.textKeys = textKeys;
    this.handlers = handlers;
    this.afterCommit = afterCommit;
    this.standings = standings;
    this.gaps = new GapTable(connection);
    this.saveMeta = connection.prepare('UPDATE meta SET position = ?');
    // While the log is applied again, the furthest event that was ever applied stays the anchor.
    this.saveAnchor = connection.prepare(`
      INSERT INTO anchors (category, stream, revision, position, event_id) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (category) DO UPDATE
      SET stream = excluded.stream, revision = excluded.revision, position = excluded.position, event_id = excluded.event_id
      WHERE (length(excluded.position), excluded.position) > (length(position), position)`);
    this.position = (connection.prepare('SELECT position FROM meta').get() as { position: Position }).position;
    this.goBackToNewlyKnown();
  }

  /** How far the log is applied, as it is stored. */
  get appliedPosition(): Position {
    return this.position;
  }

  /** The last applied event of each category. */
  anchors(): Anchor[] {
    const rows = this.connection
      .prepare('SELECT category, stream, revision, position, event_id AS eventId FROM anchors')
      .all() as Anchor[];
    return rows.map(({ category, stream, revision, position, eventId }) => ({
      category,
      stream,
      revision,
      position,
      eventId,
    }));
  }

  /** What an event of the log is worth to this build. */
  read(event: LogEvent): LogEntry {
    return { event, reading: readStored(event, this.handlers.types) };
  }

  /**
   * Applies events in one transaction and stores the position reached: `upTo`, which isn't before the last of them. Events
   * at or before the stored position are ignored. Throws only when the disk or the file is at fault; nothing of it is
   * stored then.
   */
  apply(entries: readonly LogEntry[], upTo: Position): Applied {
    const fresh = entries.filter(({ event }) => comparePositions(event.position, this.position) > 0);
    if (fresh.length === 0 && comparePositions(upTo, this.position) <= 0) {
      return { events: 0, failed: 0, skipped: 0, streams: new Set() };
    }
    try {
      this.transaction(fresh, upTo, (entry, before) => this.applyOne(entry, before));
    } catch (error) {
      if (isStorageFault(error)) throw error;
      // A handler failed, which is a defect of this build. Only then each event gets a savepoint of its own.
      this.transaction(fresh, upTo, (entry, before) => this.tryOne(entry, before));
    }
    this.position = upTo;
    this.afterCommit.run();
    this.textKeys.clean();
    const streams = new Set(fresh.map(({ event }) => event.stream));
    return { events: fresh.length, failed: this.failed, skipped: this.skipped, streams };
  }

  private transaction(
    entries: readonly LogEntry[],
    upTo: Position,
    apply: (entry: LogEntry, before: Position) => void,
  ): void {
    this.afterCommit.backTo(0);
    this.skipped = 0;
    this.failed = 0;
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      let before = this.position;
      const anchors = new Map<Category, LogEvent>();
      for (const entry of entries) {
        apply(entry, before);
        const { event, reading } = entry;
        before = event.position;
        if (reading.kind === 'usable' || reading.kind === 'unknown') anchors.set(reading.category, event);
      }
      this.groups.flush();
      for (const [category, { stream, revision, position, id }] of anchors) {
        this.saveAnchor.run([category, stream, revision, position, id]);
      }
      this.saveMeta.run([upTo]);
      this.connection.exec('COMMIT');
    } catch (error) {
      this.groups.reset();
      // A full disk makes SQLite roll back by itself.
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** Applies an event under a savepoint. If it can't be applied, it is rolled back and recorded. */
  private tryOne(entry: LogEntry, before: Position): void {
    const { mark } = this.afterCommit;
    this.connection.exec('SAVEPOINT event');
    try {
      this.applyOne(entry, before);
      this.groups.flush();
      this.connection.exec('RELEASE event');
    } catch (error) {
      if (isStorageFault(error)) throw error;
      this.groups.reset();
      this.afterCommit.backTo(mark);
      this.connection.exec('ROLLBACK TO event');
      this.connection.exec('RELEASE event');
      this.setAside(entry.event, messageOf(error));
    }
  }

  /** Stores what is left of a group's stream, in a transaction of its own. */
  setStanding(owner: Owned, standing: GroupStanding | 'whole', position: Position): void {
    this.afterCommit.backTo(0);
    try {
      this.connection.transaction(() => {
        this.standings.set(groupStream(owner.app, owner.id), owner, standing, position);
        this.groups.flush();
      })();
    } catch (error) {
      this.groups.reset();
      throw error;
    }
    this.afterCommit.run();
  }

  private applyOne({ event, reading }: LogEntry, before: Position): void {
    switch (reading.kind) {
      case 'foreign':
        return this.textKeys.apply(event);
      case 'erased':
        if (reading.category !== 'group') return this.handlers.eraseOfUser(reading.category, reading.owner);
        return this.standings.set(event.stream, reading.owner, 'erased', event.position);
      case 'strange':
        return this.setStrangeAside(event, reading);
      case 'usable':
      case 'unknown':
        if (reading.category === 'group') return this.applyToGroup(event.stream, reading, before);
        return this.applyToUser(reading.category, reading, before);
      default:
        return reading satisfies never;
    }
  }

  private applyToGroup(stream: string, reading: Readable, before: Position): void {
    const { owner, event } = reading;
    const known = this.handlers.group.get(event.type);
    const isKnown = reading.kind === 'usable' && known !== undefined;
    if (!isKnown) this.skip('group', event, before);
    const begins = isKnown && known.begin !== undefined && this.standings.get(owner) === undefined;
    // The data are of the handler's type, which the compiler can't follow through a table.
    const data = event.data as never;
    const group = begins ? known.begin(data, event, owner) : this.standings.usableGroup(stream, owner);
    if (group === undefined) {
      // A skipped event may be the one by which the group begins.
      if (isKnown && this.standings.get(owner) === undefined) this.beginningIsMissing(event, owner);
      return;
    }
    // A skipped event still moves the group's revision, which callers give back as the one they expect.
    this.groups.touch(group, event, reading.at ?? group.updated_at);
    if (!isKnown) return;
    known.apply?.(group, data);
    this.handlers.each(group, event);
  }

  private applyToUser(category: Exclude<Category, 'group'>, reading: Readable, before: Position): void {
    const { owner, event } = reading;
    const known = this.handlers[category].get(event.type);
    if (reading.kind === 'unknown' || known === undefined) return this.skip(category, event, before);
    known.apply?.(owner, event.data as never, event);
  }

  private skip(category: Category, event: LogEvent, before: Position): void {
    this.skipped += 1;
    this.gaps.skipped(category, event, before);
  }

  private setAside(event: LogEvent, why: string): void {
    this.failed += 1;
    this.gaps.failed(event, why);
  }

  /** A group of which nothing else is there is damaged. Another one keeps its other events. */
  private setStrangeAside(event: LogEvent, { category, owner, why }: Extract<Reading, { kind: 'strange' }>): void {
    this.setAside(event, why);
    if (category !== 'group' || this.standings.get(owner) !== undefined) return;
    if (this.groups.get(event.stream, owner.app, owner.id) === undefined) this.damage(event, owner);
  }

  private beginningIsMissing(event: LogEvent, owner: Owned): void {
    this.setAside(event, 'the group has no "created" that could be applied');
    this.damage(event, owner);
  }

  private damage({ stream, position }: LogEvent, owner: Owned): void {
    this.standings.set(stream, owner, 'damaged', position);
  }

  /** Moves the position back to before the first skipped event that is known now. */
  private goBackToNewlyKnown(): void {
    const place = this.gaps.resumePosition((category, type, version) => this.handlers.knows(category, type, version));
    if (place === undefined) return;
    this.connection.transaction(() => {
      this.gaps.forgetAfter(place);
      this.standings.forgetAfter(place);
      this.saveMeta.run([place]);
    })();
    this.position = place;
  }
}

type Readable = Extract<Reading<LogEvent>, { kind: 'usable' | 'unknown' }>;
