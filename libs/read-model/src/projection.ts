import { comparePositions, parseGroupStream, parseUserStream, type Owned, type Position } from '@cohort/contracts';
import type { AfterCommit } from './after-commit';
import { isStorageFault, type Connection, type Statement } from './database';
import type { EventHandlers } from './event-handlers';
import type { LogEvent } from './log-event';
import { GapTable, versionOf, type Category } from './tables/gaps';
import type { GroupTable } from './tables/groups';

/** What one transaction did. */
export interface Applied {
  /** Events of groups and users in it, those that failed or were skipped included. */
  readonly events: number;
  readonly failed: number;
  readonly skipped: number;
  /** Streams of these events. */
  readonly streams: ReadonlySet<string>;
}

/** An event that was applied, by which the log is recognized: another one in its place is another log. */
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
  /** Events that the transaction at hand has skipped so far. */
  private skipped = 0;

  constructor(
    private readonly connection: Connection,
    private readonly groups: GroupTable,
    private readonly handlers: EventHandlers,
    private readonly afterCommit: AfterCommit,
  ) {
    this.gaps = new GapTable(connection);
    this.saveMeta = connection.prepare('UPDATE meta SET position = ?');
    this.saveAnchor = connection.prepare('INSERT OR REPLACE INTO anchors VALUES (?, ?, ?, ?, ?)');
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

  /**
   * Applies events in one transaction and stores the position reached: `upTo`, which isn't before the last of them. Events
   * at or before the stored position are ignored. Throws only when the disk or the file is at fault; nothing of it is
   * stored then.
   */
  apply(events: readonly LogEvent[], upTo: Position): Applied {
    const fresh = events.filter(({ position }) => comparePositions(position, this.position) > 0);
    if (fresh.length === 0 && comparePositions(upTo, this.position) <= 0) {
      return { events: 0, failed: 0, skipped: 0, streams: new Set() };
    }
    let failed = 0;
    try {
      this.transaction(fresh, upTo, (event, before) => this.applyOne(event, before));
    } catch (error) {
      if (isStorageFault(error)) throw error;
      // One of them failed. That is rare: only then each gets a savepoint of its own.
      this.transaction(fresh, upTo, (event, before) => void (failed += Number(!this.tryOne(event, before))));
    }
    this.position = upTo;
    this.afterCommit.run();
    return { events: fresh.length, failed, skipped: this.skipped, streams: new Set(fresh.map(({ stream }) => stream)) };
  }

  private transaction(
    events: readonly LogEvent[],
    upTo: Position,
    apply: (event: LogEvent, before: Position) => void,
  ): void {
    this.afterCommit.backTo(0);
    this.skipped = 0;
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      let before = this.position;
      const anchors = new Map<Category, LogEvent>();
      for (const event of events) {
        apply(event, before);
        before = event.position;
        anchors.set(event.stream.startsWith('group-') ? 'group' : 'user', event);
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

  /** Applies an event under a savepoint. Returns false if it can't be applied: it is rolled back then, and recorded. */
  private tryOne(event: LogEvent, before: Position): boolean {
    const { mark } = this.afterCommit;
    this.connection.exec('SAVEPOINT event');
    try {
      this.applyOne(event, before);
      this.groups.flush();
      this.connection.exec('RELEASE event');
      return true;
    } catch (error) {
      if (isStorageFault(error)) throw error;
      this.groups.reset();
      this.afterCommit.backTo(mark);
      this.connection.exec('ROLLBACK TO event');
      this.connection.exec('RELEASE event');
      this.gaps.failed(event, error);
      return false;
    }
  }

  private applyOne(event: LogEvent, before: Position): void {
    const group = parseGroupStream(event.stream);
    if (group !== undefined) return this.applyToGroup(event, group, before);
    const user = parseUserStream(event.stream);
    if (user !== undefined) return this.applyToUser(event, user, before);
    // A stream of another service, whose name begins like ours.
  }

  /** Throws if the event doesn't fit its type, or if its group has no row. */
  private applyToGroup(event: LogEvent, owned: Owned, before: Position): void {
    const known = this.handlers.group.get(event.type);
    if (known === undefined || versionOf(event) > known.version) return this.skipOfGroup(event, owned, before);
    // The data are of the handler's type, which the compiler can't follow through a table.
    const data = event.data as never;
    const group =
      known.begin === undefined ? this.groups.get(event.stream, owned.app, owned.id) : known.begin(data, event, owned);
    if (group === undefined) throw new Error('the group has no "created" that could be applied');
    this.groups.touch(group, event);
    known.apply?.(group, data);
  }

  /** A skipped event still moves the group's revision, which callers give back as the one they expect. */
  private skipOfGroup(event: LogEvent, { app, id }: Owned, before: Position): void {
    this.skip('group', event, before);
    const group = this.groups.get(event.stream, app, id);
    if (group !== undefined) this.groups.touch(group, event);
  }

  private applyToUser(event: LogEvent, user: Owned, before: Position): void {
    const known = this.handlers.user.get(event.type);
    if (known === undefined || versionOf(event) > known.version) return this.skip('user', event, before);
    known.apply?.(user, event.data as never, event);
  }

  private skip(category: Category, event: LogEvent, before: Position): void {
    this.skipped += 1;
    this.gaps.skipped(category, event, before);
  }

  /** Moves the position back to before the first skipped event that is known now. */
  private goBackToNewlyKnown(): void {
    const place = this.gaps.resumePosition((category, type, version) => this.handlers.knows(category, type, version));
    if (place === undefined) return;
    this.connection.transaction(() => {
      this.gaps.forgetAfter(place);
      this.saveMeta.run([place]);
    })();
    this.position = place;
  }
}
