import type { Connection } from '../database';
import type { GroupRow } from './groups';

/**
 * The groups that have something pending, and perhaps some that don't any more. For nearly all groups, members who join or leave
 * end nothing, and no row is looked at.
 */
export class PendingGroups {
  private readonly gids: Set<number>;

  /** @param pending selects the `gid` of each group that has something pending */
  constructor(connection: Connection, pending: string) {
    const rows = connection.prepare(pending).all() as { readonly gid: number }[];
    this.gids = new Set(rows.map(({ gid }) => gid));
  }

  add({ gid }: GroupRow): void {
    this.gids.add(gid);
  }

  has({ gid }: GroupRow): boolean {
    return this.gids.has(gid);
  }
}
