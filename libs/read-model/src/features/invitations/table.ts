import type { Invitee, InvitationStatus, PersonalText } from '@cohort/contracts';
import type { Connection, Statement } from '../../database';
import type { ExpiryTable } from '../../tables/expiries';
import type { GroupRow } from '../../tables/groups';
import { PendingGroups } from '../../tables/pending-groups';
import type { Tables } from '../../tables/schema';
import { storedText } from '../../tables/text-keys';

/**
 * `invitations`: the last invitation of each inviter to each user, for each group. `number` counts the group's invitations.
 * `position` is that of the event that changed it last. Times are in milliseconds since 1970. `erased_invitations`: where
 * an erased group's invitations of a user went; copies of the user's list from before are read anew.
 */
export const INVITATIONS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS invitations (
      gid INTEGER NOT NULL,
      user TEXT NOT NULL,
      inviter TEXT NOT NULL,
      app TEXT NOT NULL,
      number INTEGER NOT NULL,
      status TEXT NOT NULL,
      reason TEXT,
      invited_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (gid, user, inviter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS invitations_of_group ON invitations (gid, number);
    CREATE INDEX IF NOT EXISTS invitations_of_group_by_change ON invitations (gid, position);
    CREATE INDEX IF NOT EXISTS invitations_of_user ON invitations (app, user, invited_at, gid, number);
    CREATE INDEX IF NOT EXISTS invitations_of_user_by_change ON invitations (app, user, position);
    CREATE INDEX IF NOT EXISTS invitations_pending ON invitations (gid) WHERE status = 'pending';
    CREATE INDEX IF NOT EXISTS invitations_pending_to ON invitations (app, user, gid) WHERE status = 'pending';
    CREATE INDEX IF NOT EXISTS invitations_pending_by ON invitations (app, inviter, gid) WHERE status = 'pending';

    CREATE TABLE IF NOT EXISTS erased_invitations (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (app, user)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { invitations: 'gid, user, inviter', erased_invitations: 'app, user' },
};

/** What the invitees of one event have in common. */
interface Made {
  readonly inviter: string;
  readonly reason: PersonalText | undefined;
  readonly expiresAt: number;
}

/** Invitations as the projection writes them. */
export class InvitationTable {
  private readonly insert: Statement;
  private readonly close: Statement;
  private readonly closeAll: Statement;
  private readonly nextEnd: Statement;
  private readonly raise: Statement;
  private readonly delete: Statement;
  private readonly pending: PendingGroups;

  constructor(
    connection: Connection,
    private readonly expiries: ExpiryTable,
  ) {
    this.insert = connection.prepare(`
      INSERT OR REPLACE INTO invitations
        (gid, app, user, inviter, number, status, reason, invited_at, expires_at, updated_at, position)
      VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?7, ?8, ?7, ?9)`);
    const close = 'UPDATE invitations SET status = ?, updated_at = ?, position = ? WHERE gid = ? AND user = ?';
    this.close = connection.prepare(`${close} AND number = ?`);
    this.closeAll = connection.prepare(`${close} AND status = 'pending'`);
    this.nextEnd = connection.prepare(
      "SELECT min(expires_at) AS until FROM invitations WHERE gid = ? AND user = ? AND status = 'pending'",
    );
    this.raise = connection.prepare(`
      INSERT INTO erased_invitations (app, user, position) SELECT DISTINCT app, user, ?1 FROM invitations WHERE gid = ?2
      ON CONFLICT (app, user) DO UPDATE SET position = max(position, excluded.position)`);
    this.delete = connection.prepare('DELETE FROM invitations WHERE gid = ?');
    this.pending = new PendingGroups(connection, "SELECT DISTINCT gid FROM invitations WHERE status = 'pending'");
  }

  /** The inviter's invitations, in place of their earlier ones. */
  put(group: GroupRow, invitees: readonly Invitee[], { inviter, reason, expiresAt }: Made): void {
    const { gid, app, updated_at, position } = group;
    const text = reason === undefined ? null : storedText(reason);
    this.pending.add(group);
    for (const { userId, invitationId } of invitees) {
      this.insert.run([gid, app, userId, inviter, Number(invitationId), text, updated_at, expiresAt, position]);
      this.setEnd(group, userId);
    }
  }

  /** Invitations were answered, or have ended otherwise. */
  end(group: GroupRow, invitees: readonly Invitee[], status: InvitationStatus): void {
    const { gid, updated_at, position } = group;
    for (const { userId, invitationId } of invitees) {
      this.close.run([status, updated_at, position, gid, userId, Number(invitationId)]);
      this.setEnd(group, userId);
    }
  }

  /** The user is a member: the invitations that are left can't be answered. */
  joined(group: GroupRow, user: string): void {
    if (!this.pending.has(group)) return;
    const { gid, updated_at, position } = group;
    if (this.closeAll.run(['joined', updated_at, position, gid, user]).changes > 0) this.setEnd(group, user);
  }

  /** Deletes what an erased group has. */
  erase({ gid, position }: GroupRow): void {
    this.raise.run([position, gid]);
    this.delete.run([gid]);
  }

  /** The user's invitations end with the first one. */
  private setEnd(group: GroupRow, user: string): void {
    const { until } = this.nextEnd.get(group.gid, user) as { readonly until: number | null };
    if (until === null) this.expiries.clear(group, 'invitation', user);
    else this.expiries.set(group, 'invitation', user, until);
  }
}
