import type { ExpiryKind } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import type { GroupRow } from './groups';
import type { MemberTable } from './members';
import type { Tables } from './schema';

/**
 * `expiries`: what ends by itself in groups that are live or being imported, and when (milliseconds since 1970). `id` says
 * what it is, together with `kind`. A row stays until the event that announces the end, or that ends it in another way.
 */
export const EXPIRIES: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS expiries (
      gid INTEGER NOT NULL,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      until INTEGER NOT NULL,
      app TEXT NOT NULL,
      PRIMARY KEY (gid, kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS expiries_in_order ON expiries (app, until, gid, kind, id);
  `,
  order: { expiries: 'gid, kind, id' },
};

/** Ends of all features, as the projection writes them. */
export class ExpiryTable {
  private readonly upsert: Statement;
  private readonly delete: Statement;
  private readonly deleteAll: Statement;

  constructor(connection: Connection, members: Pick<MemberTable, 'observe'>) {
    this.upsert = connection.prepare(
      'INSERT OR REPLACE INTO expiries (gid, kind, id, until, app) VALUES (?, ?, ?, ?, ?)',
    );
    this.delete = connection.prepare('DELETE FROM expiries WHERE gid = ? AND kind = ? AND id = ?');
    this.deleteAll = connection.prepare('DELETE FROM expiries WHERE gid = ?');
    // In a group that was dismissed or erased, or is damaged, nothing ends any more.
    members.observe({ ended: ({ gid }) => void this.deleteAll.run([gid]) });
  }

  /** It ends by itself at this time, in place of an earlier end. */
  set({ gid, app }: GroupRow, kind: ExpiryKind, id: string, until: number): void {
    this.upsert.run([gid, kind, id, until, app]);
  }

  /** It doesn't end by itself, or has ended. */
  clear({ gid }: GroupRow, kind: ExpiryKind, id: string): void {
    this.delete.run([gid, kind, id]);
  }
}
