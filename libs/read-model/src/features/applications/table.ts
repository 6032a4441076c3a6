import type { ApplicationStatus, PersonalText } from '@cohort/contracts';
import type { Connection, Statement } from '../../database';
import type { ExpiryTable } from '../../tables/expiries';
import type { GroupRow } from '../../tables/groups';
import { PendingGroups } from '../../tables/pending-groups';
import type { Tables } from '../../tables/schema';
import { storedText } from '../../tables/text-keys';

/**
 * `applications`: the last application of each user to each group. `number` counts the group's applications. `position` is
 * that of the event that changed it last. Times are in milliseconds since 1970.
 */
export const APPLICATIONS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS applications (
      gid INTEGER NOT NULL,
      user TEXT NOT NULL,
      app TEXT NOT NULL,
      number INTEGER NOT NULL,
      status TEXT NOT NULL,
      reason TEXT,
      applied_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      handled_by TEXT,
      position INTEGER NOT NULL,
      PRIMARY KEY (gid, user)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS applications_in_order ON applications (gid, number);
    CREATE INDEX IF NOT EXISTS applications_by_change ON applications (gid, position);
    CREATE INDEX IF NOT EXISTS applications_pending ON applications (gid, number, expires_at) WHERE status = 'pending';
    CREATE INDEX IF NOT EXISTS applications_pending_of_user ON applications (app, user, gid) WHERE status = 'pending';
  `,
  order: { applications: 'gid, user' },
};

/** Applications as the projection writes them. */
export class ApplicationTable {
  private readonly insert: Statement;
  private readonly close: Statement;
  private readonly isPending: Statement;
  private readonly delete: Statement;
  private readonly pending: PendingGroups;

  constructor(
    connection: Connection,
    private readonly expiries: ExpiryTable,
  ) {
    this.insert = connection.prepare(`
      INSERT OR REPLACE INTO applications (gid, user, app, number, status, reason, applied_at, expires_at, updated_at, position)
      VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7, ?6, ?8)`);
    this.close = connection.prepare(
      'UPDATE applications SET status = ?, handled_by = ?, updated_at = ?, position = ? WHERE gid = ? AND user = ?',
    );
    this.isPending = connection.prepare("SELECT 1 FROM applications WHERE gid = ? AND user = ? AND status = 'pending'");
    this.delete = connection.prepare('DELETE FROM applications WHERE gid = ?');
    this.pending = new PendingGroups(connection, "SELECT DISTINCT gid FROM applications WHERE status = 'pending'");
  }

  /** The user's application, in place of an earlier one. */
  put(group: GroupRow, user: string, number: number, reason: PersonalText | undefined, expiresAt: number): void {
    const { gid, app, updated_at, position } = group;
    const text = reason === undefined ? null : storedText(reason);
    this.insert.run([gid, user, app, number, text, updated_at, expiresAt, position]);
    this.expiries.set(group, 'application', user, expiresAt);
    this.pending.add(group);
  }

  /** The user's application was handled, or has ended otherwise. */
  end(group: GroupRow, user: string, status: ApplicationStatus, by: string | null = null): void {
    const { gid, updated_at, position } = group;
    this.close.run([status, by, updated_at, position, gid, user]);
    this.expiries.clear(group, 'application', user);
  }

  /** The user is a member: what they asked for is there. */
  joined(group: GroupRow, user: string): void {
    if (this.pending.has(group) && this.isPending.get(group.gid, user)) this.end(group, user, 'joined');
  }

  /** Deletes what an erased group has. */
  erase({ gid }: GroupRow): void {
    this.delete.run([gid]);
  }
}
