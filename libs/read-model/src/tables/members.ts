import type { JoinVia, Role } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import type { GroupRow } from './groups';
import { seqOf } from './places';
import type { Tables } from './schema';

/**
 * `members`: `seq` orders a group's members as they joined (the event's revision, and the place in the event). `changed` is
 * the place of the last change of the role, null if there was none. A dismissed group's rows stay, as the record of its
 * members; `ended` is the position of the dismissal, null while the group is live. `via` and `brought_by` are of the event
 * by which the member joined.
 */
export const MEMBERS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS members (
      gid INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      user TEXT NOT NULL,
      role INTEGER NOT NULL,
      joined_at INTEGER NOT NULL,
      app TEXT NOT NULL,
      changed INTEGER,
      ended INTEGER,
      via TEXT NOT NULL,
      brought_by TEXT,
      PRIMARY KEY (gid, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS members_by_user ON members (gid, user);
    CREATE INDEX IF NOT EXISTS members_with_role ON members (gid, role, seq) WHERE role > 0;
    CREATE INDEX IF NOT EXISTS members_by_change ON members (gid, changed) WHERE changed IS NOT NULL;
    CREATE INDEX IF NOT EXISTS ended_groups_of_user ON members (app, user, ended) WHERE ended IS NOT NULL;
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS groups_of_user ON members (app, user, joined_at, gid, ended) WHERE ended IS NULL;
  `,
  order: { members: 'gid, seq' },
};

/** Roles as they are stored, and sorted. */
export const ROLE_NUMBERS = { member: 0, admin: 1, owner: 2 } as const;
export const ROLE_NAMES = ['member', 'admin', 'owner'] as const;

/** Called for every change of the members, while the event is being applied. */
export interface MembersObserver {
  /** The user has this role now; null: the user is not a member any more. */
  changed(stream: string, user: string, role: Role | null): void;
  /** The group was dismissed or erased, or is damaged. */
  ended(stream: string): void;
}

/** Members as the projection writes them. Each call is for one event of a group, whose row has the event's revision. */
export class MemberTable {
  private readonly observers: MembersObserver[] = [];
  private readonly insert: Statement;
  private readonly insertMany: Statement;
  private readonly delete: Statement;
  private readonly update: Statement;
  private readonly endAll: Statement;
  private readonly deleteAll: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare(
      `INSERT OR REPLACE INTO members (gid, seq, user, role, joined_at, app, via, brought_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertMany = connection.prepare(
      `INSERT OR REPLACE INTO members (gid, seq, user, role, joined_at, app, via, brought_by)
       SELECT ?1, ?2 + key, value, ?3, ?4, ?5, ?6, ?7 FROM json_each(?8)`,
    );
    this.delete = connection.prepare('DELETE FROM members WHERE gid = ? AND user = ?');
    this.update = connection.prepare('UPDATE members SET role = ?, changed = ? WHERE gid = ? AND user = ?');
    this.deleteAll = connection.prepare('DELETE FROM members WHERE gid = ?');
    this.endAll = connection.prepare('UPDATE members SET ended = ? WHERE gid = ?');
  }

  observe(observer: MembersObserver): void {
    this.observers.push(observer);
  }

  /** Adds the event's members, in their order. */
  put(
    { gid, app, stream, revision, updated_at }: GroupRow,
    users: readonly string[],
    role: Role,
    { via, by = null }: { readonly via: JoinVia; readonly by?: string | null | undefined },
  ): void {
    const first = seqOf(revision, 0);
    const number = ROLE_NUMBERS[role];
    if (users.length === 1) {
      this.insert.run([gid, first, users[0], number, updated_at, app, via, by]);
    } else {
      seqOf(revision, users.length - 1);
      // One statement takes a third of the time of many.
      this.insertMany.run([gid, first, number, updated_at, app, via, by, JSON.stringify(users)]);
    }
    for (const observer of this.observers) for (const user of users) observer.changed(stream, user, role);
  }

  remove({ gid, stream }: GroupRow, user: string): void {
    this.delete.run([gid, user]);
    for (const observer of this.observers) observer.changed(stream, user, null);
  }

  /** Does nothing if the user is not a member. `index`: the user's place in the event. */
  setRole({ gid, stream, revision }: GroupRow, index: number, user: string, role: Role): void {
    const { changes } = this.update.run([ROLE_NUMBERS[role], seqOf(revision, index), gid, user]);
    if (changes > 0) for (const observer of this.observers) observer.changed(stream, user, role);
  }

  /** Deletes the rows of an erased group. */
  erase({ gid, stream }: GroupRow): void {
    this.deleteAll.run([gid]);
    for (const observer of this.observers) observer.ended(stream);
  }

  /** Marks all members of a group that has ended, or is damaged. */
  end({ gid, stream, position }: GroupRow): void {
    this.endAll.run([position, gid]);
    for (const observer of this.observers) observer.ended(stream);
  }
}
