import type { Position } from '@cohort/contracts';
import type { Connection, Statement } from '../database';
import type { LogEvent } from '../log-event';
import type { Tables } from './schema';

/**
 * `groups`: `gid` numbers the groups of this file in the order of their creation. A dismissed group keeps its row, with
 * `live` 0, and so does a damaged one, with `live` 2 (`unusable_groups`). One that is being imported has
 * `live` 3. `position` is that of the group's last event.
 * Removals at or before the revision `log_from` may be gone from the logs of removals. `all_banned`: when the ban-all ends,
 * `NEVER` if it doesn't end by itself, 0 without one.
 * `visibility` and `flags` are the settings (`group-flags.ts`).
 */
export const GROUPS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS groups (
      gid INTEGER PRIMARY KEY,
      app TEXT NOT NULL,
      id TEXT NOT NULL,
      numeric_id TEXT NOT NULL,
      name TEXT NOT NULL,
      owner TEXT NOT NULL,
      capacity INTEGER NOT NULL,
      member_count INTEGER NOT NULL,
      live INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      position INTEGER NOT NULL,
      log_from INTEGER NOT NULL,
      description TEXT NOT NULL,
      avatar TEXT NOT NULL,
      ext TEXT NOT NULL,
      all_banned INTEGER NOT NULL,
      visibility INTEGER NOT NULL,
      flags INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS groups_by_id ON groups (app, id);
    CREATE INDEX IF NOT EXISTS live_groups_by_app ON groups (app, gid) WHERE live = 1;
  `,
  order: { groups: 'gid' },
};

const TEXTS = ['app', 'id', 'numeric_id', 'name', 'owner', 'position', 'description', 'avatar', 'ext'] as const;
const NUMBERS = [
  'gid',
  'capacity',
  'member_count',
  'live',
  'created_at',
  'updated_at',
  'revision',
  'log_from',
  'all_banned',
  'visibility',
  'flags',
] as const;
const COLUMNS = [...NUMBERS, ...TEXTS] as const;

/** Values of `live`. */
export const LIVE = { dismissed: 0, live: 1, damaged: 2, importing: 3 } as const;

/** A row by its columns: times in milliseconds since 1970. */
export type StoredGroup = Record<(typeof TEXTS)[number], string> & Record<(typeof NUMBERS)[number], number>;

/** Columns that no list shows; every column read costs time. */
const UNSHOWN = ['app', 'position', 'log_from'] as const;
export type ShownGroup = Readonly<Omit<StoredGroup, (typeof UNSHOWN)[number]>>;
/** The columns of a `ShownGroup`, for a `SELECT` from `groups g`. */
export const SHOWN_COLUMNS = COLUMNS.filter((column) => !(UNSHOWN as readonly string[]).includes(column))
  .map((column) => `g.${column}`)
  .join(', ');

/** A group's row as event handlers change it; written by the flush that ends the transaction. */
export type GroupRow = StoredGroup & { readonly stream: string };

/** Learns what becomes of groups' rows, in the transaction that writes them. */
export interface GroupsObserver {
  written(row: GroupRow): void;
  erased?(row: GroupRow): void;
}

/** Bounds of the rows kept in memory for their groups' next events: their number, and the characters of their texts. */
const LOADED = { groups: 10_000, characters: 16_000_000 } as const;

/**
 * Groups as the projection writes them. Handlers change rows in memory; `flush` writes each changed row once, however many
 * events of the transaction changed it.
 */
export class GroupTable {
  private readonly loaded = new Map<string, GroupRow>();
  private readonly dirty = new Set<GroupRow>();
  private readonly observers: GroupsObserver[] = [];
  private readonly select: Statement;
  private readonly selectLast: Statement;
  private readonly upsert: Statement;
  private readonly remove: Statement;
  private lastGid: number | undefined;
  private characters = 0;

  constructor(connection: Connection) {
    // A position may be larger than JavaScript's exact numbers.
    this.select = connection.prepare(
      `SELECT ${SHOWN_COLUMNS}, g.app, g.log_from, CAST(g.position AS TEXT) AS position
       FROM groups g WHERE g.app = ? AND g.id = ?`,
    );
    this.remove = connection.prepare('DELETE FROM groups WHERE gid = ?');
    this.selectLast = connection.prepare('SELECT coalesce(max(gid), 0) AS gid FROM groups');
    // SQLite updates the indexes of every column that is set, even to the value it has. These never change.
    const settable = COLUMNS.filter((column) => !['gid', 'app', 'id', 'numeric_id'].includes(column));
    this.upsert = connection.prepare(`
      INSERT INTO groups (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
      ON CONFLICT (gid) DO UPDATE SET ${settable.map((column) => `${column} = excluded.${column}`).join(', ')}`);
  }

  observe(observer: GroupsObserver): void {
    this.observers.push(observer);
  }

  get(stream: string, app: string, id: string): GroupRow | undefined {
    const loaded = this.loaded.get(stream);
    if (loaded !== undefined) return loaded;
    const stored = this.select.get(app, id) as StoredGroup | undefined;
    return stored && this.keep({ ...stored, stream });
  }

  /** The group's row with these fields: a new one, or the one that an earlier pass over the same event made. */
  put(stream: string, fields: Omit<StoredGroup, 'gid'>): GroupRow {
    const row = this.get(stream, fields.app, fields.id);
    if (row !== undefined) return Object.assign(row, fields);
    this.lastGid ??= (this.selectLast.get() as { gid: number }).gid;
    return this.keep({ ...fields, gid: ++this.lastGid, stream });
  }

  /** Moves the row to the event's revision, position and time, and has it written. */
  touch(row: GroupRow, { revision, position }: LogEvent, at: number): void {
    row.updated_at = at;
    row.revision = revision;
    row.position = position;
    this.dirty.add(row);
  }

  /** Marks a group as damaged from this position on. Lists don't show it. */
  damage(row: GroupRow, position: Position): void {
    row.live = LIVE.damaged;
    row.position = position;
    this.dirty.add(row);
  }

  /** Deletes a group's row. */
  erase(row: GroupRow): void {
    this.loaded.delete(row.stream);
    this.dirty.delete(row);
    this.remove.run([row.gid]);
    for (const observer of this.observers) observer.erased?.(row);
  }

  flush(): void {
    for (const row of this.dirty) {
      // Counted again for each change: too much rather than too little.
      this.characters += charactersOf(row);
      this.upsert.run(COLUMNS.map((column) => row[column]));
      for (const observer of this.observers) observer.written(row);
    }
    this.dirty.clear();
    if (this.loaded.size > LOADED.groups || this.characters > LOADED.characters) this.forgetLoaded();
  }

  /** To be called after a rollback: rows in memory may differ from those in the file. */
  reset(): void {
    this.forgetLoaded();
    this.dirty.clear();
    this.lastGid = undefined;
  }

  private keep(row: GroupRow): GroupRow {
    this.loaded.set(row.stream, row);
    this.characters += charactersOf(row);
    return row;
  }

  private forgetLoaded(): void {
    this.loaded.clear();
    this.characters = 0;
  }
}

const charactersOf = ({ name, description, avatar, ext }: GroupRow): number =>
  name.length + description.length + avatar.length + ext.length;
