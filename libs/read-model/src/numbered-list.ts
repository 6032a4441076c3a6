import type { QueryName } from '@cohort/contracts';
import type { Connection, Statement } from './database';
import type { ReadSide, Sides } from './feature';
import { numberIn, type ListDeclaration } from './list';
import type { GroupReader, GroupRecord } from './tables/group-reader';
import type { GroupRow } from './tables/groups';
import type { Tables } from './tables/schema';

/** The columns that every table of numbered things has. `changed`: the revision of the last change. */
export interface NumberedRow {
  readonly number: number;
  readonly changed: number;
  readonly removed: 0 | 1;
}

/** A table of things that a group numbers, such as its files, by the columns that they have of their own. */
export interface NumberedTable<C extends string> {
  readonly table: string;
  readonly columns: Readonly<Record<C, 'TEXT' | 'INTEGER'>>;
}

/** The table of these things. A removed one keeps its row, without its own values, until the group's log drops it. */
export const numberedTables = ({ table, columns }: NumberedTable<string>): Tables => ({
  sql: `
    CREATE TABLE IF NOT EXISTS ${table} (
      gid INTEGER NOT NULL,
      number INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      removed INTEGER NOT NULL,
      ${Object.entries(columns)
        .map(([column, type]) => `${column} ${type}`)
        .join(', ')},
      PRIMARY KEY (gid, number)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ${table}_by_change ON ${table} (gid, changed, number);
  `,
  order: { [table]: 'gid, number' },
});

/** Writes the things of groups. Each row is decided by the last event that changed it. */
export class NumberedWriter<C extends string> {
  private readonly columns: readonly C[];
  private readonly insert: Statement;
  private readonly trim: Statement;
  private readonly delete: Statement;

  constructor(
    connection: Connection,
    { table, columns }: NumberedTable<C>,
    private readonly kept: number,
  ) {
    this.columns = Object.keys(columns) as C[];
    const names = ['gid', 'number', 'changed', 'removed', ...this.columns];
    this.insert = connection.prepare(
      `INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    this.trim = connection.prepare(`DELETE FROM ${table} WHERE gid = ? AND changed <= ? AND removed = 1`);
    this.delete = connection.prepare(`DELETE FROM ${table} WHERE gid = ?`);
  }

  /** The group has the thing, by its last event. */
  put(group: GroupRow, number: string, values: Readonly<Record<C, string | number>>): void {
    this.insert.run([group.gid, Number(number), group.revision, 0, ...this.columns.map((column) => values[column])]);
  }

  /** The group has these things no longer. Removals that are too old to be listed are dropped. */
  remove(group: GroupRow, numbers: readonly string[]): void {
    for (const number of numbers) {
      this.insert.run([group.gid, Number(number), group.revision, 1, ...this.columns.map(() => null)]);
    }
    this.trim.run([group.gid, group.revision - this.kept]);
  }

  erase({ gid }: GroupRow): void {
    this.delete.run([gid]);
  }
}

type GroupListQuery = { readonly app: string; readonly groupId: string };

/** A list of a group's numbered things, the newest first, and the lookup of one. */
export class NumberedReader<R extends NumberedRow> {
  private readonly page: Statement;
  private readonly one: Statement;
  /** Not `page`: a statement of libsql that ran `all` returns a row of those values to its next `get`, whatever `get` is given. */
  private readonly last: Statement;
  private readonly changes: Statement;
  private readonly count: Statement;
  private readonly groups: GroupReader;

  constructor(
    { connection, groups }: ReadSide,
    { table, columns }: NumberedTable<string>,
    private readonly kept: number,
  ) {
    this.groups = groups;
    const select = `SELECT number, changed, removed, ${Object.keys(columns).join(', ')} FROM ${table} WHERE gid = ?`;
    this.page = connection.prepare(`${select} AND number < ? AND removed = 0 ORDER BY number DESC LIMIT ?`);
    this.last = connection.prepare(`${select} AND removed = 0 ORDER BY number DESC LIMIT 1`);
    this.one = connection.prepare(`${select} AND number = ? AND removed = 0`);
    this.changes = connection.prepare(`${select} AND changed > ? ORDER BY changed, number LIMIT ?`);
    this.count = connection.prepare(`SELECT count(*) AS count FROM ${table} WHERE gid = ? AND removed = 0`);
  }

  /** The live group of a query. */
  group({ app, groupId }: GroupListQuery): GroupRecord {
    return this.groups.live(app, groupId);
  }

  find({ gid }: GroupRecord, number: string): R | undefined {
    return this.one.get(gid, Number(number)) as R | undefined;
  }

  newest({ gid }: GroupRecord): R | undefined {
    return this.last.get(gid) as R | undefined;
  }

  /** All of the list's declaration that doesn't depend on how a row is shown. */
  list<N extends QueryName>(
    name: N,
    entries: ListDeclaration<N, GroupRecord, R, R>['entries'],
    view: ListDeclaration<N, GroupRecord, R, R>['view'],
  ): ListDeclaration<N, GroupRecord, R, R> {
    return {
      name,
      entries,
      view,
      of: (query) => [(query as unknown as GroupListQuery).groupId],
      rows: ({ at: { gid } }, after, count) =>
        this.page.all(gid, after === undefined ? Number.MAX_SAFE_INTEGER : numberIn(after), count) as R[],
      key: ['number'],
      keyOf: ({ number }) => [number],
      mirror: {
        total: ({ at: { gid } }) => (this.count.get(gid) as { count: number }).count,
        knows: ({ at: { revision } }, since) => Number(since) >= revision - this.kept,
        changes: ({ at: { gid } }, since, count) => this.changes.all(gid, Number(since), count) as R[],
        isRemoved: ({ removed }) => removed === 1,
        idOf: ({ number }) => String(number),
        stepOf: ({ changed }) => String(changed),
      },
    };
  }
}

/** Both sides of a table of numbered things. */
export const openNumbered = <R extends NumberedRow, C extends string>(
  { write, read, keptChanges }: Sides,
  table: NumberedTable<C>,
): { writer: NumberedWriter<C>; reader: NumberedReader<R> } => ({
  writer: new NumberedWriter(write.connection, table, keptChanges),
  reader: new NumberedReader<R>(read, table, keptChanges),
});
