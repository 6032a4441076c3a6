import type { Connection, Statement } from '../database';
import type { GroupRow } from './groups';
import { lastSeqOf, seqOf } from './places';
import type { Tables } from './schema';

/** The lists of users that a group has beside its members. The numbers are stored. */
export const LISTS = { banned: 1, allowed: 2, blocked: 3 } as const;
export type ListNumber = (typeof LISTS)[keyof typeof LISTS];

/** The end of what doesn't end by itself, in place of milliseconds since 1970. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * `listed_users`: users on a group's lists. `place` is that of the user's last change. An entry that left its list stays, as
 * the record of that (`gone` 1), until the list's log drops it. `until` is the time at which an entry ends by itself; an
 * entry that has ended stays until the event that says so.
 *
 * `list_sizes`: the entries of each list, and the revision (`log_from`) at or before which removals may have been dropped.
 */
export const LISTED_USERS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS listed_users (
      gid INTEGER NOT NULL,
      list INTEGER NOT NULL,
      user TEXT NOT NULL,
      place INTEGER NOT NULL,
      gone INTEGER NOT NULL,
      listed_at INTEGER NOT NULL,
      until INTEGER NOT NULL,
      PRIMARY KEY (gid, list, user)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS listed_users_by_change ON listed_users (gid, list, place, user);
    CREATE INDEX IF NOT EXISTS listed_users_gone ON listed_users (gid, list, place) WHERE gone = 1;
    CREATE INDEX IF NOT EXISTS listed_users_by_end ON listed_users (gid, list, until)
      WHERE gone = 0 AND until < ${NEVER};

    CREATE TABLE IF NOT EXISTS list_sizes (
      gid INTEGER NOT NULL,
      list INTEGER NOT NULL,
      size INTEGER NOT NULL,
      log_from INTEGER NOT NULL,
      PRIMARY KEY (gid, list)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { listed_users: 'gid, list, user', list_sizes: 'gid, list' },
};

/** One list of every group, as the projection writes it. */
export class ListedUsers {
  private readonly upsert: Statement;
  private readonly isListed: Statement;
  private readonly leave: Statement;
  private readonly move: Statement;
  private readonly resize: Statement;
  private readonly raise: Statement;
  private readonly drop: Statement;
  private readonly deleteAll: readonly Statement[];

  constructor(
    connection: Connection,
    private readonly list: ListNumber,
    private readonly kept: number,
  ) {
    const ofList = `gid = ? AND list = ${list}`;
    this.isListed = connection.prepare(`SELECT 1 FROM listed_users WHERE ${ofList} AND user = ? AND gone = 0`);
    this.upsert = connection.prepare(`
      INSERT OR REPLACE INTO listed_users (gid, list, user, place, gone, listed_at, until)
      VALUES (?, ${list}, ?, ?, 0, ?, ?)`);
    this.leave = connection.prepare(
      `UPDATE listed_users SET gone = 1, place = ? WHERE ${ofList} AND user = ? AND gone = 0`,
    );
    this.move = connection.prepare(`UPDATE listed_users SET place = ? WHERE ${ofList} AND user = ? AND gone = 0`);
    this.resize = connection.prepare(`
      INSERT INTO list_sizes (gid, list, size, log_from) VALUES (?, ${list}, ?, 0)
      ON CONFLICT (gid, list) DO UPDATE SET size = size + excluded.size`);
    this.raise = connection.prepare(`
      INSERT INTO list_sizes (gid, list, size, log_from) VALUES (?, ${list}, 0, ?)
      ON CONFLICT (gid, list) DO UPDATE SET log_from = excluded.log_from WHERE log_from <= excluded.log_from`);
    this.drop = connection.prepare(`DELETE FROM listed_users WHERE ${ofList} AND gone = 1 AND place <= ?`);
    this.deleteAll = ['listed_users', 'list_sizes'].map((table) =>
      connection.prepare(`DELETE FROM ${table} WHERE ${ofList}`),
    );
  }

  /** Puts a user on the list, or changes the user's entry. `index`: the user's place in the event. */
  put({ gid, revision, updated_at }: GroupRow, index: number, user: string, until = NEVER): void {
    const isNew = this.isListed.get(gid, user) === undefined;
    this.upsert.run([gid, user, seqOf(revision, index), updated_at, until]);
    if (isNew) this.resize.run([gid, 1]);
  }

  /** Takes a user off the list, if they are on it. */
  remove({ gid, revision }: GroupRow, index: number, user: string): void {
    if (this.leave.run([seqOf(revision, index), gid, user]).changes > 0) this.resize.run([gid, -1]);
  }

  /** What is shown beside a user's entry changed, if they are on the list. The entry is among the changes since then. */
  touch({ gid, revision }: GroupRow, user: string): void {
    this.move.run([seqOf(revision, 0), gid, user]);
  }

  /**
   * Drops what is older than the group's last `kept` events. To be called after each event that names users of the list,
   * and after no other, so that it depends on single events and not on what is in the file: applying events again then ends
   * in the same rows.
   */
  trim({ gid, revision }: GroupRow): void {
    const from = revision - this.kept;
    // Also if the bound is the same: events that are applied again have added old entries again.
    if (from > 0 && this.raise.run([gid, from]).changes > 0) this.drop.run([gid, lastSeqOf(from)]);
  }

  /** Deletes what an erased group has. */
  erase({ gid }: GroupRow): void {
    for (const statement of this.deleteAll) statement.run([gid]);
  }
}
