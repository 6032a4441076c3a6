/**
 * Raised when a table of this build changes, or when a known event writes other rows: a file of another version is rebuilt
 * from the log. A new feature needs no new version: its tables are added to the file, and the events that the file
 * skipped so far are replayed (see `Projection`).
 */
export const SCHEMA_VERSION = 3;

/** Tables of one part of the read model. Every row is a function of the log alone, so any node and any rebuild has the same. */
export interface Tables {
  /** Creates them where the file doesn't have them: `IF NOT EXISTS` in each statement. */
  readonly sql: string;
  /**
   * Indexes that only queries need, also `IF NOT EXISTS`. A new file gets them when it has caught up with the log: sorting
   * all rows once costs little, keeping an index up to date event by event is most of a rebuild's work.
   */
  readonly queryIndexes?: string;
  /** For each table the columns that order its rows in a dump. */
  readonly order: Readonly<Record<string, string>>;
}

/**
 * - `meta`: which store the file is made from, and how far its log is applied; written in the transaction that applied it.
 * - `anchors`: the last event of each category that was ever applied. Another event in its place means another log under the
 *   same id. It may be after the position in `meta` while a part of the log is applied again.
 */
export const META: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS meta (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      schema_version INTEGER NOT NULL,
      store TEXT NOT NULL,
      position TEXT NOT NULL
    ) STRICT;

    CREATE TABLE IF NOT EXISTS anchors (
      category TEXT PRIMARY KEY,
      stream TEXT NOT NULL,
      revision INTEGER NOT NULL,
      position TEXT NOT NULL,
      event_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
  order: { meta: 'id', anchors: 'category' },
};
