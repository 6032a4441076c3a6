import { comparePositions, START, type Position } from '@cohort/contracts';
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
export type GroupRow = StoredGroup & {
  readonly stream: string;
  /** Whether it is to be written. */
  changed: boolean;
  /** What the file has in the columns that few events change; undefined while it has no row. */
  stored: readonly (string | number)[] | undefined;
};

/** The columns that most events change. */
const OFTEN = ['member_count', 'updated_at', 'revision', 'position', 'log_from'] as const;
/** The other columns that events change. */
const SELDOM = COLUMNS.filter(
  (column) => !['gid', 'app', 'id', 'numeric_id', ...(OFTEN as readonly string[])].includes(column),
);
const seldomOf = (row: StoredGroup): (string | number)[] => SELDOM.map((column) => row[column]);
const isStored = (row: GroupRow): boolean => SELDOM.every((column, i) => row[column] === row.stored?.[i]);

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
  private changed: GroupRow[] = [];
  private readonly observers: GroupsObserver[] = [];
  private readonly select: Statement;
  private readonly selectLast: Statement;
  private readonly insert: Statement;
  private readonly updateOften: Statement;
  private readonly updateAll: Statement;
  private readonly remove: Statement;
  /** No event after this position was ever applied to the file. */
  private readonly frontier: Position;
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
    this.insert = connection.prepare(
      `INSERT INTO groups (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
    );
    // Each value costs a share of the statement's time. SQLite updates the indexes of every column that is set.
    const update = (columns: readonly string[]) =>
      connection.prepare(`UPDATE groups SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE gid = ?`);
    this.updateOften = update(OFTEN);
    this.updateAll = update([...OFTEN, ...SELDOM]);
    const anchor = connection.prepare("SELECT position FROM anchors WHERE category = 'group'").get();
    this.frontier = (anchor as { readonly position: Position } | undefined)?.position ?? START;
  }

  observe(observer: GroupsObserver): void {
    this.observers.push(observer);
  }

  get(stream: string, app: string, id: string): GroupRow | undefined {
    const loaded = this.loaded.get(stream);
    if (loaded !== undefined) return loaded;
    const stored = this.select.get(app, id) as StoredGroup | undefined;
    if (stored === undefined) return undefined;
    return this.keep({ ...stored, stream, changed: false, stored: seldomOf(stored) });
  }

  /** The row of a group that begins with these fields: a new one, or the one that an earlier pass over the same event made. */
  put(fields: GroupRow): GroupRow {
    const isFirstPass = comparePositions(fields.position, this.frontier) > 0;
    const row = isFirstPass ? this.loaded.get(fields.stream) : this.get(fields.stream, fields.app, fields.id);
    if (row !== undefined) {
      const { gid, changed, stored } = row;
      return Object.assign(row, fields, { gid, changed, stored });
    }
    this.lastGid ??= (this.selectLast.get() as { gid: number }).gid;
    fields.gid = ++this.lastGid;
    return this.keep(fields);
  }

  /** Moves the row to the event's revision, position and time, and has it written. */
  touch(row: GroupRow, { revision, position }: LogEvent, at: number): void {
    row.updated_at = at;
    row.revision = revision;
    row.position = position;
    this.change(row);
  }

  /** Marks a group as damaged from this position on. Lists don't show it. */
  damage(row: GroupRow, position: Position): void {
    row.live = LIVE.damaged;
    row.position = position;
    this.change(row);
  }

  /** Deletes a group's row. */
  erase(row: GroupRow): void {
    this.loaded.delete(row.stream);
    this.changed = this.changed.filter((one) => one !== row);
    this.remove.run([row.gid]);
    for (const observer of this.observers) observer.erased?.(row);
  }

  flush(): void {
    for (const row of this.changed) {
      // Counted again for each change: too much rather than too little.
      this.characters += charactersOf(row);
      this.write(row);
      row.changed = false;
      for (const observer of this.observers) observer.written(row);
    }
    this.changed = [];
    if (this.loaded.size > LOADED.groups || this.characters > LOADED.characters) this.forgetLoaded();
  }

  /** To be called after a rollback: rows in memory may differ from those in the file. */
  reset(): void {
    this.forgetLoaded();
    this.changed = [];
    this.lastGid = undefined;
  }

  private change(row: GroupRow): void {
    if (row.changed) return;
    row.changed = true;
    this.changed.push(row);
  }

  private write(row: GroupRow): void {
    if (row.stored === undefined) this.insert.run(COLUMNS.map((column) => row[column]));
    else {
      const often = [row.member_count, row.updated_at, row.revision, row.position, row.log_from];
      if (isStored(row)) return void this.updateOften.run([...often, row.gid]);
      this.updateAll.run([...often, ...seldomOf(row), row.gid]);
    }
    row.stored = seldomOf(row);
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
