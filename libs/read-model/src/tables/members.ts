import { millisecondsOf, type ImportedMember, type JoinVia, type Role } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import { LIVE, type GroupRow } from './groups';
import { MembershipTable } from './memberships';
import { seqOf } from './places';
import type { Tables } from './schema';

/**
 * `members`: `seq` orders a group's members as they joined (the event's revision, and the place in the event). `changed` is
 * the place of the last change of the role or the display name, null if there was none. A dismissed group's rows stay, as the record of its
 * members; `ended` is the position of the dismissal, null while the group is live. `via` and `brought_by` are of the event
 * by which the member joined. `name` and `extra` (JSON) have sealed texts (`storedText`); null: none. A mode that is null is 0.
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
      name TEXT,
      mute INTEGER,
      push INTEGER,
      extra TEXT,
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
  /** The users have this role now; null: they are not members any more. */
  changed?(this: void, group: GroupRow, users: readonly string[], role: Role | null): void;
  /** The member has another display name. */
  renamed?(this: void, group: GroupRow, user: string): void;
  /** The group was disabled or enabled. */
  turned?(this: void, group: GroupRow): void;
  /** The group is seen by others from now on, or not any more, with all its members. */
  appeared?(this: void, group: GroupRow): void;
  /** The group was dismissed or erased, or is damaged. */
  ended?(this: void, group: GroupRow): void;
}

/** Digits of any time, in milliseconds since 1970. */
const TIME_DIGITS = 16;

/** Statements that add members of one event. Each value costs a share of a statement's time. */
interface Inserts {
  readonly creator: Statement;
  readonly one: Statement;
  readonly many: Statement;
}

/** Members as the projection writes them. Each call is for one event of a group, whose row has the event's revision. */
export class MemberTable {
  private readonly observers: MembersObserver[] = [];
  private readonly memberships: MembershipTable;
  private readonly insert: Inserts;
  private readonly replace: Inserts;
  private readonly insertImported: Statement;
  private readonly joined: Statement;
  private readonly delete: Statement;
  private readonly update: Statement;
  private readonly endAll: Statement;
  private readonly deleteAll: Statement;

  constructor(connection: Connection) {
    this.memberships = new MembershipTable(connection);
    const into = 'INTO members (gid, seq, user, role, joined_at, app, via, brought_by)';
    const plain = `${into} VALUES (?1, ?2, ?6, 0, ?3, ?4, ?5, ?7)`;
    const many = `${into} SELECT ?1, ?2 + key, value, 0, ?3, ?4, ?5, ?7 FROM json_each(?6)`;
    const creator = `${into} VALUES (?1, 0, ?2, ${ROLE_NUMBERS.owner}, ?3, ?4, 'create', NULL)`;
    const [ignore, replace] = ['IGNORE', 'REPLACE'].map((or) => {
      const prepare = (rows: string) => connection.prepare(`INSERT OR ${or} ${rows}`);
      return { creator: prepare(creator), one: prepare(plain), many: prepare(many) };
    }) as [Inserts, Inserts];
    this.insert = ignore;
    this.replace = replace;
    this.insertImported = connection.prepare(
      `INSERT OR REPLACE ${into}
       SELECT ?1, ?2 + key, substr(value, ${TIME_DIGITS + 1}), 0, CAST(substr(value, 1, ${TIME_DIGITS}) AS INTEGER), ?3, 'import', NULL
       FROM json_each(?4)`,
    );
    this.joined = connection.prepare('UPDATE members SET joined_at = ? WHERE gid = ? AND user = ?');
    this.delete = connection.prepare('DELETE FROM members WHERE gid = ? AND user = ?');
    this.update = connection.prepare('UPDATE members SET role = ?, changed = ? WHERE gid = ? AND user = ?');
    this.deleteAll = connection.prepare('DELETE FROM members WHERE gid = ?');
    this.endAll = connection.prepare('UPDATE members SET ended = ? WHERE gid = ?');
  }

  observe(observer: MembersObserver): void {
    this.observers.push(observer);
  }

  /** Adds the creator of a group, as its owner, by its first event. */
  begin(group: GroupRow, owner: string): void {
    const row = [group.gid, owner, group.updated_at, group.app];
    if (this.insert.creator.run(row).changes === 0) {
      this.memberships.endReplaced(group, [owner]);
      this.replace.creator.run(row);
    }
    this.tell(group, [owner], 'owner');
  }

  /** Adds the event's members, in their order. */
  put(
    group: GroupRow,
    users: readonly string[],
    { via, by = null }: { readonly via: JoinVia; readonly by?: string | null | undefined },
  ): void {
    const { gid, app, revision, updated_at } = group;
    if (users.length > 0) seqOf(revision, users.length - 1);
    // One statement takes a third of the time of many.
    const kind = users.length === 1 ? 'one' : 'many';
    const rows = [gid, seqOf(revision, 0), updated_at, app, via, kind === 'one' ? users[0] : JSON.stringify(users), by];
    if (this.insert[kind].run(rows).changes < users.length) {
      // Some have a row: the event is applied again, or the end of a membership was skipped.
      this.memberships.endReplaced(group, users);
      this.replace[kind].run(rows);
    }
    this.tell(group, users, 'member');
  }

  /** Adds members of an event as they were elsewhere. */
  import(group: GroupRow, members: readonly ImportedMember[]): void {
    const { gid, app, revision, updated_at: now } = group;
    // Time and user in one text: SQLite would parse the JSON of a pair twice more.
    const rows = members.map(({ userId, joinedAt }) => {
      const at = joinedAt === undefined ? now : millisecondsOf(joinedAt);
      return String(at).padStart(TIME_DIGITS, '0') + userId;
    });
    this.insertImported.run([gid, seqOf(revision, 0), app, JSON.stringify(rows)]);
    members.forEach(({ userId, role }, index) => {
      if (role === 'admin') this.setRole(group, index, userId, role);
    });
  }

  /** When a member joined elsewhere. */
  setJoinedAt({ gid }: GroupRow, user: string, at: number): void {
    this.joined.run([at, gid, user]);
  }

  /** The group is seen by others from now on, or not any more: what is known of its members is to be read again. */
  appear(group: GroupRow): void {
    for (const { appeared } of this.observers) appeared?.(group);
  }

  /** Nobody sees the members of a group that is being imported. */
  private tell(group: GroupRow, users: readonly string[], role: Role | null): void {
    if (group.live !== LIVE.importing) for (const { changed } of this.observers) changed?.(group, users, role);
  }

  /** `index`: the user's place in the event. */
  remove(group: GroupRow, index: number, user: string): void {
    const { gid } = group;
    this.memberships.end(group, index, user);
    this.delete.run([gid, user]);
    this.tell(group, [user], null);
  }

  /** Does nothing if the user is not a member. `index`: the user's place in the event. */
  setRole(group: GroupRow, index: number, user: string, role: Role): void {
    const { gid, revision } = group;
    this.memberships.setRole(group, index, user, ROLE_NUMBERS[role]);
    const { changes } = this.update.run([ROLE_NUMBERS[role], seqOf(revision, index), gid, user]);
    if (changes > 0) this.tell(group, [user], role);
  }

  /** The member's display name was changed. */
  rename(group: GroupRow, user: string): void {
    for (const { renamed } of this.observers) renamed?.(group, user);
  }

  /** Deletes the rows of an erased group. */
  erase(group: GroupRow): void {
    this.memberships.erase(group);
    this.deleteAll.run([group.gid]);
    for (const { ended } of this.observers) ended?.(group);
  }

  /** The group was disabled or enabled, with all its members. */
  turn(group: GroupRow): void {
    for (const { turned } of this.observers) turned?.(group);
  }

  /** Marks all members of a group that has ended, or is damaged. */
  end(group: GroupRow): void {
    this.endAll.run([group.position, group.gid]);
    for (const { ended } of this.observers) ended?.(group);
  }
}
