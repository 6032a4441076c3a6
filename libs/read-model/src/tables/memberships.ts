import type { Connection, Statement } from '../database';
import type { GroupRow } from './groups';
import { seqOf } from './places';
import type { Tables } from './schema';

/**
 * What was: `past_members` has the memberships that are over, from place `seq` to place `left_seq`; a user who came again has
 * several. The memberships that go on are the rows of `members`. `role_changes` has the role that a user got at a place; a
 * user without an entry since the beginning of a membership has `FIRST_ROLE`.
 */
export const MEMBERSHIPS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS past_members (
      gid INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      user TEXT NOT NULL,
      app TEXT NOT NULL,
      joined_at INTEGER NOT NULL,
      via TEXT NOT NULL,
      brought_by TEXT,
      left_seq INTEGER NOT NULL,
      left_at INTEGER NOT NULL,
      PRIMARY KEY (gid, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS past_members_by_user ON past_members (gid, user, seq);

    CREATE TABLE IF NOT EXISTS role_changes (
      gid INTEGER NOT NULL,
      user TEXT NOT NULL,
      seq INTEGER NOT NULL,
      role INTEGER NOT NULL,
      PRIMARY KEY (gid, user, seq)
    ) STRICT, WITHOUT ROWID;
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS past_members_by_end ON past_members (gid, left_seq);
    CREATE INDEX IF NOT EXISTS past_joins_of_user ON past_members (app, user, joined_at, gid);
    CREATE INDEX IF NOT EXISTS past_ends_of_user ON past_members (app, user, left_at, gid, left_seq);
    CREATE INDEX IF NOT EXISTS ended_joins_of_user ON members (app, user, joined_at, gid) WHERE ended IS NOT NULL;
  `,
  order: { past_members: 'gid, seq', role_changes: 'gid, user, seq' },
};

/** The role with which a membership `m` begins: the creator's is the first of all and that of the owner, any other a plain one. */
export const FIRST_ROLE = 'CASE m.seq WHEN 0 THEN 2 ELSE 0 END';

/**
 * Past memberships and roles as the projection writes them.
 *
 * Applying events again must end in the same rows, also where a build applies an end that an earlier one skipped. So an end
 * belongs to the user's last membership that begins before it, and the earliest end counts.
 */
export class MembershipTable {
  private readonly endOpen: Statement;
  private readonly endOpenOnes: Statement;
  private readonly endPast: Statement;
  private readonly changeRole: Statement;
  private readonly deletePast: Statement;
  private readonly deleteRoles: Statement;

  constructor(connection: Connection) {
    const end = (users: string) => `
      INSERT INTO past_members (gid, seq, user, app, joined_at, via, brought_by, left_seq, left_at)
      SELECT gid, seq, user, app, joined_at, via, brought_by, ?2, ?3 FROM members WHERE gid = ?1 AND user ${users} AND seq < ?2
      ON CONFLICT (gid, seq) DO UPDATE SET left_seq = excluded.left_seq, left_at = excluded.left_at
      WHERE excluded.left_seq < left_seq`;
    this.endOpen = connection.prepare(end('= ?4'));
    this.endOpenOnes = connection.prepare(end('IN (SELECT value FROM json_each(?4))'));
    this.endPast = connection.prepare(`
      UPDATE past_members SET left_seq = ?2, left_at = ?3
      WHERE gid = ?1 AND left_seq > ?2
        AND seq = (SELECT max(seq) FROM past_members WHERE gid = ?1 AND user = ?4 AND seq < ?2)`);
    this.changeRole = connection.prepare(
      'INSERT OR REPLACE INTO role_changes (gid, user, seq, role) VALUES (?, ?, ?, ?)',
    );
    this.deletePast = connection.prepare('DELETE FROM past_members WHERE gid = ?');
    this.deleteRoles = connection.prepare('DELETE FROM role_changes WHERE gid = ?');
  }

  /** The user's membership ends by the group's last event. To be called while `members` still has its row. */
  end({ gid, revision, updated_at }: GroupRow, index: number, user: string): void {
    const end = [gid, seqOf(revision, index), updated_at, user];
    if (this.endOpen.run(end).changes === 0) this.endPast.run(end);
  }

  /** These users' rows in `members` are about to be replaced: no event has told of the end of these memberships. */
  endReplaced({ gid, revision, updated_at }: GroupRow, users: readonly string[]): void {
    this.endOpenOnes.run([gid, seqOf(revision, 0), updated_at, JSON.stringify(users)]);
  }

  /** The user has this role from the group's last event on. */
  setRole({ gid, revision }: GroupRow, index: number, user: string, role: number): void {
    this.changeRole.run([gid, user, seqOf(revision, index), role]);
  }

  /** Deletes the rows of an erased group. */
  erase({ gid }: GroupRow): void {
    this.deletePast.run([gid]);
    this.deleteRoles.run([gid]);
  }
}
