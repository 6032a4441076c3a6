import { comparePositions, type Owned, type Position } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import type { Tables } from './schema';

/**
 * `unusable_groups`: groups whose streams aren't whole, because an operator deleted or limited them, or because another
 * program wrote to them. `standing`: `erased` and `damaged` groups are refused; a `limited` group is whole, but its
 * stream has a limit that may hide events later. `position`: where that was found.
 */
export const UNUSABLE: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS unusable_groups (
      app TEXT NOT NULL,
      id TEXT NOT NULL,
      standing TEXT NOT NULL,
      position TEXT NOT NULL,
      PRIMARY KEY (app, id)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { unusable_groups: 'app, id' },
};

export type GroupStanding = 'erased' | 'damaged' | 'limited';

/** Groups that aren't whole, as the projection writes them. Few are expected. */
export class UnusableTable {
  private readonly insert: Statement;
  private readonly remove: Statement;
  private readonly select: Statement;
  /** Nearly always there is no such group, and then no row is looked at. */
  private mayHaveRows: boolean;

  constructor(private readonly connection: Connection) {
    this.insert = connection.prepare('INSERT OR REPLACE INTO unusable_groups VALUES (?, ?, ?, ?)');
    this.remove = connection.prepare('DELETE FROM unusable_groups WHERE app = ? AND id = ?');
    this.select = connection.prepare('SELECT standing FROM unusable_groups WHERE app = ? AND id = ?');
    this.mayHaveRows = connection.prepare('SELECT 1 FROM unusable_groups LIMIT 1').get() !== undefined;
  }

  get({ app, id }: Owned): GroupStanding | undefined {
    if (!this.mayHaveRows) return undefined;
    return (this.select.get(app, id) as { standing: GroupStanding } | undefined)?.standing;
  }

  put({ app, id }: Owned, standing: GroupStanding, position: Position): void {
    // Also after a rollback: an answer may cost more then, but is the same.
    this.mayHaveRows = true;
    this.insert.run([app, id, standing, position]);
  }

  delete({ app, id }: Owned): void {
    this.remove.run([app, id]);
  }

  /** The groups with this standing. */
  all(standing: GroupStanding): Owned[] {
    return this.connection
      .prepare('SELECT app, id FROM unusable_groups WHERE standing = ?')
      .all([standing])
      .map((row) => ({ ...(row as Owned) }));
  }

  /** Removes what was found after a position, from which the log is applied again. */
  forgetAfter(position: Position): void {
    const rows = this.connection.prepare('SELECT app, id, position FROM unusable_groups').all() as (Owned & {
      position: Position;
    })[];
    for (const row of rows) if (comparePositions(row.position, position) > 0) this.delete(row);
  }
}
