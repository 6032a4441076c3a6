import { createHash } from 'node:crypto';
import { comparePositions, MAX_REVISION, versionOf, type Position, type StreamCategory } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import type { LogEvent } from '../log-event';
import { SCHEMA_VERSION, type Tables } from './schema';

/**
 * Events of the log that are not in the rows. `failed_events`: those that were set aside. `unknown_types`: those that were
 * skipped, by type, with the position to replay them from.
 */
export const GAPS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS failed_events (
      position TEXT PRIMARY KEY,
      stream TEXT NOT NULL,
      revision INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      type TEXT NOT NULL,
      error TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS unknown_types (
      category TEXT NOT NULL,
      type TEXT NOT NULL,
      event_version INTEGER NOT NULL,
      first_position TEXT NOT NULL,
      resume_position TEXT NOT NULL,
      schema_version INTEGER NOT NULL,
      PRIMARY KEY (category, type, event_version)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { failed_events: 'length(position), position', unknown_types: 'category, type, event_version' },
};

export type Category = StreamCategory;

interface UnknownType {
  readonly category: Category;
  readonly type: string;
  readonly event_version: number;
  readonly first_position: Position;
  readonly resume_position: Position;
}

/** Gaps as the projection writes them. */
export class GapTable {
  private readonly insertFailure: Statement;
  private readonly insertUnknown: Statement;

  constructor(private readonly connection: Connection) {
    this.insertFailure = connection.prepare('INSERT OR REPLACE INTO failed_events VALUES (?, ?, ?, ?, ?, ?)');
    this.insertUnknown = connection.prepare('INSERT OR IGNORE INTO unknown_types VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** Records an event that was set aside. The record must succeed whatever the event is, so that its parts are bounded. */
  failed({ position, stream, revision, id, type }: LogEvent, reason: string): void {
    const shownRevision = Number.isSafeInteger(revision) && revision <= MAX_REVISION ? revision : -1;
    const [shownStream, shownType, why] = [stream.slice(0, 256), type.slice(0, 64), reason.slice(0, 512)];
    this.insertFailure.run([position, shownStream, shownRevision, id, shownType, why]);
  }

  /** `before`: the position from which a replay has this event as its first. */
  skipped(category: Category, event: LogEvent, before: Position): void {
    this.insertUnknown.run([category, event.type, versionOf(event), event.position, before, SCHEMA_VERSION]);
  }

  /** The position to replay from so that every skipped event that is known now is applied; undefined if there is none. */
  resumePosition(knows: (category: Category, type: string, version: number) => boolean): Position | undefined {
    const skipped = this.connection.prepare('SELECT * FROM unknown_types').all() as UnknownType[];
    return skipped
      .filter(({ category, type, event_version }) => knows(category, type, event_version))
      .map(({ resume_position }) => resume_position)
      .sort(comparePositions)[0];
  }

  /** Removes the gaps after a position, from which the log is applied again. */
  forgetAfter(position: Position): void {
    const isAfter = '(length(?1) < length(%) OR (length(?1) = length(%) AND ?1 < %))';
    for (const [table, column] of [
      ['unknown_types', 'first_position'],
      ['failed_events', 'position'],
    ] as const) {
      this.connection.prepare(`DELETE FROM ${table} WHERE ${isAfter.replaceAll('%', column)}`).run([position]);
    }
  }
}

/** Gaps as queries read them. */
export class GapReader {
  private readonly failed: Statement;
  private readonly unknown: Statement;
  private basisNow: string;

  constructor(
    connection: Connection,
    private readonly store: string,
  ) {
    this.failed = connection.prepare(
      `SELECT count(*) AS count, (SELECT position FROM failed_events ORDER BY length(position), position LIMIT 1) AS first
       FROM failed_events`,
    );
    this.unknown = connection.prepare(
      'SELECT type, event_version, first_position FROM unknown_types ORDER BY length(first_position), first_position',
    );
    this.basisNow = this.readBasis();
  }

  /**
   * What every copy of a list depends on: the store, and how this build applies its events. A later build may apply events
   * that this one skips, which changes lists at old revisions; a client that asks only for newer changes would miss that.
   */
  get basis(): string {
    return this.basisNow;
  }

  /** To be called after a commit that skipped events. */
  eventsWereSkipped(): void {
    this.basisNow = this.readBasis();
  }

  /** Why answers may be incomplete, one sentence each. */
  degraded(): string[] {
    const { count, first } = this.failed.get() as { count: number; first: Position | null };
    return [
      ...(count === 0
        ? []
        : [
            `${count} event(s) could not be applied, the first at position ${first}; see the table failed_events, and "Streams" in docs/operations.md.`,
          ]),
      ...this.unknownTypes().map(
        ({ type, event_version, first_position }) =>
          `Events "${type}" of version ${event_version} are not known to this node and were skipped, the first at position ${first_position}: upgrade this node.`,
      ),
    ];
  }

  private readBasis(): string {
    const skipped = this.unknownTypes();
    const basis = `${this.store}/${SCHEMA_VERSION}`;
    if (skipped.length === 0) return basis;
    const types = JSON.stringify(skipped.map(({ type, event_version }) => [type, event_version]));
    return `${basis}/${createHash('sha256').update(types).digest('base64url').slice(0, 12)}`;
  }

  private unknownTypes(): Pick<UnknownType, 'type' | 'event_version' | 'first_position'>[] {
    return this.unknown.all() as UnknownType[];
  }
}
