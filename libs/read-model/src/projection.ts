import {
  comparePositions,
  parseGroupStream,
  parseUserStream,
  START,
  type Owned,
  type Position,
} from '@cohort/contracts';
import { isStorageFault, type Connection, type Statement } from './database';
import { GROUP_HANDLERS, GroupProjection, type GroupHandlers } from './group-projection';
import type { LogEvent } from './log-event';
import type { Membership, MembershipCache } from './membership-cache';
import { SCHEMA_VERSION } from './schema';
import { GroupTable, KEPT_CHANGES, LeftTable, MemberTable } from './tables';
import { UserProjection } from './user-projection';

/** What one transaction did. */
export interface Applied {
  /** Events of groups and users in it, those that failed or were skipped included. */
  readonly events: number;
  readonly failed: number;
  readonly skipped: number;
  /** Streams of the groups and users that they are about. */
  readonly streams: ReadonlySet<string>;
}

/** An event that was applied, by which the log is recognized: another one in its place is another log. */
export interface Anchor {
  readonly category: 'group' | 'user';
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly eventId: string;
}

type Change =
  | { readonly kind: 'changed'; readonly stream: string; readonly user: string; readonly membership: Membership }
  | { readonly kind: 'ended'; readonly stream: string };

interface UnknownType {
  readonly category: 'group' | 'user';
  readonly type: string;
  readonly event_version: number;
  readonly resume_position: Position;
}

/**
 * Applies the log to the tables, in transactions that end where the caller says, with the position they reach.
 *
 * An event of an unknown type, or of a newer version than this build knows, is skipped, and the position before the
 * first of its kind is kept. When a build that knows it opens the file, it goes back there and applies all that follow
 * again: handlers are such that this ends in the rows a rebuild would make (tested), without reading the log from its
 * beginning. Until it has caught up the node isn't ready, so nobody sees groups go through their past.
 */
export class Projection {
  private readonly groups: GroupTable;
  private readonly groupProjection: GroupProjection;
  private readonly userProjection: UserProjection;
  private readonly saveMeta: Statement;
  private readonly saveAnchor: Statement;
  private readonly saveFailure: Statement;
  private readonly saveUnknown: Statement;
  private position: Position;
  /** What the transaction at hand has done so far. */
  private changes: Change[] = [];
  private skipped = 0;

  constructor(
    private readonly connection: Connection,
    private readonly cache: MembershipCache,
    handlers: GroupHandlers = GROUP_HANDLERS,
    keptChanges = KEPT_CHANGES,
  ) {
    this.groups = new GroupTable(connection);
    const observer = {
      // Nothing of a group that nobody asked about is in the cache: a rebuild collects no changes.
      changed: (stream: string, user: string, membership: Membership) => {
        if (cache.has(stream)) this.changes.push({ kind: 'changed', stream, user, membership });
      },
      ended: (stream: string) => void this.changes.push({ kind: 'ended', stream }),
    };
    const members = new MemberTable(connection);
    const left = new LeftTable(connection, keptChanges);
    this.groupProjection = new GroupProjection(this.groups, members, left, observer, handlers);
    this.userProjection = new UserProjection(connection);
    this.saveMeta = connection.prepare('UPDATE meta SET position = ?');
    this.saveAnchor = connection.prepare('INSERT OR REPLACE INTO anchors VALUES (?, ?, ?, ?, ?)');
    this.saveFailure = connection.prepare('INSERT OR REPLACE INTO failed_events VALUES (?, ?, ?, ?, ?, ?)');
    this.saveUnknown = connection.prepare('INSERT OR IGNORE INTO unknown_types VALUES (?, ?, ?, ?, ?, ?)');
    this.position = (connection.prepare('SELECT position FROM meta').get() as { position: Position }).position;
    this.goBackToNewlyKnown();
  }

  /** How far the log is applied: what is stored. */
  get appliedPosition(): Position {
    return this.position;
  }

  /** The last applied events. */
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
    this.publishChanges();
    return { events: fresh.length, failed, skipped: this.skipped, streams: new Set(fresh.map(({ stream }) => stream)) };
  }

  private transaction(
    events: readonly LogEvent[],
    upTo: Position,
    apply: (event: LogEvent, before: Position) => void,
  ): void {
    this.changes = [];
    this.skipped = 0;
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      let before = this.position;
      const anchors = new Map<string, LogEvent>();
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

  /** Applies an event under a savepoint; when it can't be, takes that back, records it, and says false. */
  private tryOne(event: LogEvent, before: Position): boolean {
    const changes = this.changes.length;
    this.connection.exec('SAVEPOINT event');
    try {
      this.applyOne(event, before);
      this.groups.flush();
      this.connection.exec('RELEASE event');
      return true;
    } catch (error) {
      if (isStorageFault(error)) throw error;
      this.groups.reset();
      this.changes.length = changes;
      this.connection.exec('ROLLBACK TO event');
      this.connection.exec('RELEASE event');
      const { position, stream, revision, id, type } = event;
      const reason = error instanceof Error ? error.message : String(error);
      this.saveFailure.run([position, stream, revision, id, type, reason]);
      return false;
    }
  }

  private applyOne(event: LogEvent, before: Position): void {
    const group = parseGroupStream(event.stream);
    if (group !== undefined) return this.applyToGroup(event, group, before);
    const user = parseUserStream(event.stream);
    if (user !== undefined) return this.applyToUser(event, user, before);
    // A stream of someone else's that begins like ours.
  }

  private applyToGroup(event: LogEvent, owned: Owned, before: Position): void {
    if (this.groupProjection.knows(event.type, versionOf(event))) {
      this.groupProjection.apply({ ...event, type: event.type }, owned);
    } else {
      this.skip('group', event, before);
      this.groupProjection.skip(event, owned);
    }
  }

  private applyToUser(event: LogEvent, owned: Owned, before: Position): void {
    if (this.userProjection.knows(event.type, versionOf(event))) {
      this.userProjection.apply({ ...event, type: event.type }, owned);
    } else {
      this.skip('user', event, before);
    }
  }

  private skip(category: UnknownType['category'], event: LogEvent, before: Position): void {
    this.skipped += 1;
    this.saveUnknown.run([category, event.type, versionOf(event), event.position, before, SCHEMA_VERSION]);
  }

  private publishChanges(): void {
    for (const change of this.changes) {
      switch (change.kind) {
        case 'changed':
          this.cache.update(change.stream, change.user, change.membership);
          break;
        case 'ended':
          this.cache.forget(change.stream);
          break;
        default: {
          const unhandled: never = change;
          throw new Error(`no case for ${String(unhandled)}`);
        }
      }
    }
  }

  /** Takes the position back to before the first event that was skipped and no longer would be. */
  private goBackToNewlyKnown(): void {
    const skipped = this.connection
      .prepare('SELECT category, type, event_version, resume_position FROM unknown_types')
      .all() as UnknownType[];
    const places = skipped
      .filter(({ category, type, event_version }) =>
        (category === 'group' ? this.groupProjection : this.userProjection).knows(type, event_version),
      )
      .map(({ resume_position }) => resume_position)
      .sort(comparePositions);
    const place = places[0];
    if (place === undefined) return;
    this.connection.transaction(() => {
      const isAfter = '(length(?1) < length(%) OR (length(?1) = length(%) AND ?1 < %))';
      for (const [table, column] of [
        ['unknown_types', 'first_position'],
        ['failed_events', 'position'],
      ] as const) {
        this.connection.prepare(`DELETE FROM ${table} WHERE ${isAfter.replaceAll('%', column)}`).run([place]);
      }
      this.saveMeta.run([place]);
    })();
    this.position = place;
  }
}

/** The shape an event was written in; events from before versions were written are of the first. */
function versionOf({ metadata }: LogEvent): number {
  return typeof metadata.schemaVersion === 'number' ? metadata.schemaVersion : 1;
}

/** The position a new file has. */
export const FIRST_POSITION: Position = START;
