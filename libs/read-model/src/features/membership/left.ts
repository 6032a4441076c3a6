import type { Connection, Statement } from '../../database';
import type { GroupRow, GroupsObserver } from '../../tables/groups';
import { lastSeqOf, seqOf } from '../../tables/places';
import type { Tables } from '../../tables/schema';

/**
 * `left_members`: users who left a group, until the group's log drops them. `left_groups_from`: for each user the position
 * up to which something was dropped.
 */
export const LEFT: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS left_members (
      gid INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      user TEXT NOT NULL,
      app TEXT NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (gid, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS left_groups_from (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (app, user)
    ) STRICT, WITHOUT ROWID;
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS left_groups_of_user ON left_members (app, user, position);
  `,
  order: { left_members: 'gid, seq', left_groups_from: 'app, user' },
};

/**
 * The log of removals. A client with a copy of a list needs it, because the other rows contain no removals. (The end of a
 * group is stored in the rows of its members.)
 *
 * A group's log covers its last `kept` events, or as many as it has members if that is more: beyond that, reading the whole
 * list is cheaper. A user's list uses the same rows, and for each user the position from which all of them are still there.
 * Everything here is a function of the events: each row is decided by single events and not by what is in the file, so that
 * applying events again changes nothing.
 */
export class LeftTable implements GroupsObserver {
  /** Rows of groups whose bound this transaction has set. A rolled-back row isn't written any more. */
  private readonly trimmed = new WeakSet<GroupRow>();
  private readonly insert: Statement;
  private readonly raise: Statement;
  private readonly raiseAll: Statement;
  private readonly delete: Statement;

  constructor(
    connection: Connection,
    private readonly kept: number,
  ) {
    this.insert = connection.prepare(
      'INSERT OR REPLACE INTO left_members (gid, seq, user, app, position) VALUES (?, ?, ?, ?, ?)',
    );
    this.raise = connection.prepare(`
      INSERT INTO left_groups_from (app, user, position)
      SELECT app, user, position FROM left_members WHERE gid = ? AND seq <= ?
      ON CONFLICT (app, user) DO UPDATE SET position = max(position, excluded.position)`);
    this.raiseAll = connection.prepare(`
      INSERT INTO left_groups_from (app, user, position)
      SELECT app, user, ?1 FROM members WHERE gid = ?2 UNION SELECT app, user, ?1 FROM left_members WHERE gid = ?2
      ON CONFLICT (app, user) DO UPDATE SET position = max(position, excluded.position)`);
    this.delete = connection.prepare('DELETE FROM left_members WHERE gid = ? AND seq <= ?');
  }

  /** The user is not a member any more, by the group's last event. */
  add({ gid, app, revision, position }: GroupRow, index: number, user: string): void {
    this.insert.run([gid, seqOf(revision, index), user, app, position]);
  }

  /** Drops all of an erased group. Copies of its members' lists of groups are read anew. */
  erase({ gid, position }: GroupRow): void {
    this.raiseAll.run([position, gid]);
    this.delete.run([gid, Number.MAX_SAFE_INTEGER]);
  }

  /** Notes what is too old. To be called after users left. */
  trim(group: GroupRow): void {
    const from = group.revision - Math.max(this.kept, group.member_count);
    // Also if the bound is the same: events that are applied again have added old entries again.
    if (from < group.log_from || from <= 0) return;
    group.log_from = from;
    this.trimmed.add(group);
  }

  /** Drops what is too old, once for all events of a transaction. */
  written(group: GroupRow): void {
    if (!this.trimmed.delete(group)) return;
    const tooOld = [group.gid, lastSeqOf(group.log_from)];
    if (this.raise.run(tooOld).changes > 0) this.delete.run(tooOld);
  }
}
