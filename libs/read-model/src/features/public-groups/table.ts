import type { Connection, Statement } from '../../database';
import { LIVE, type GroupRow, type GroupsObserver } from '../../tables/groups';
import type { Tables } from '../../tables/schema';
import { indexedWords, tenantWord } from './words';

/**
 * `public_groups`: the live groups that are public, or chatrooms, with the name that the index has. `public_names`: the words
 * of these names; a group's row has the number of the group.
 */
export const PUBLIC_GROUPS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS public_groups (
      gid INTEGER PRIMARY KEY,
      app TEXT NOT NULL,
      name TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS public_groups_by_app ON public_groups (app, gid);

    CREATE VIRTUAL TABLE IF NOT EXISTS public_names USING fts5 (app, words, tokenize = 'ascii', prefix = '2 4 6');
  `,
  order: { public_groups: 'gid', public_names: 'rowid' },
};

/** Keeps both tables as the groups' rows are: they depend on nothing else. */
export class PublicGroupTable implements GroupsObserver {
  /** The name that the tables have for a group in memory; `null` if they don't have the group. */
  private readonly known = new WeakMap<GroupRow, string | null>();
  /** The last group that the tables have, or had: those created after it aren't there. */
  private last: number;
  private readonly select: Statement;
  private readonly put: Statement;
  private readonly putWords: Statement;
  private readonly remove: Statement;
  private readonly removeWords: Statement;

  constructor(connection: Connection) {
    this.last = (
      connection.prepare('SELECT coalesce(max(gid), 0) AS gid FROM public_groups').get() as { gid: number }
    ).gid;
    this.select = connection.prepare('SELECT name FROM public_groups WHERE gid = ?');
    this.put = connection.prepare('INSERT OR REPLACE INTO public_groups (gid, app, name) VALUES (?, ?, ?)');
    this.putWords = connection.prepare('INSERT INTO public_names (rowid, app, words) VALUES (?, ?, ?)');
    this.remove = connection.prepare('DELETE FROM public_groups WHERE gid = ?');
    this.removeWords = connection.prepare('DELETE FROM public_names WHERE rowid = ?');
  }

  written(row: GroupRow): void {
    const shown = row.live === LIVE.live && row.visibility > 0 ? row.name : null;
    const before = this.nameOf(row);
    if (shown === before) return;
    if (before !== null) this.removeWords.run([row.gid]);
    if (shown === null) this.remove.run([row.gid]);
    else {
      this.last = Math.max(this.last, row.gid);
      this.put.run([row.gid, row.app, shown]);
      this.putWords.run([row.gid, tenantWord(row.app), indexedWords(shown)]);
    }
    this.known.set(row, shown);
  }

  erased({ gid }: GroupRow): void {
    this.remove.run([gid]);
    this.removeWords.run([gid]);
  }

  private nameOf(row: GroupRow): string | null {
    const known = this.known.get(row);
    if (known !== undefined) return known;
    if (row.gid > this.last) return null;
    return (this.select.get(row.gid) as { name: string } | undefined)?.name ?? null;
  }
}
