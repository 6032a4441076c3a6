import type { Role } from '@cohort/contracts';
import type { Connection, Statement } from './database';
import { ROLE_NUMBERS } from './schema';

/** A group's row, as the projection holds it between load and flush. */
export interface GroupRow {
  readonly gid: number;
  readonly app: string;
  readonly id: string;
  readonly stream: string;
  numericId: string;
  name: string;
  owner: string;
  capacity: number;
  memberCount: number;
  live: boolean;
  createdAt: number;
  updatedAt: number;
  revision: number;
  description: string;
  avatar: string;
  ext: string;
}

/** Rows of groups kept in memory, for a group's next event: so many at most, with texts of so many characters. */
const LOADED = { groups: 10_000, characters: 16_000_000 } as const;

const GROUP_COLUMNS = `gid, app, id, numeric_id, name, owner, capacity, member_count, live, created_at, updated_at,
  revision, description, avatar, ext`;

/**
 * Groups as the projection writes them. Rows are changed in memory and written once by `flush`, however many of a
 * transaction's events touched them.
 */
export class GroupTable {
  private readonly loaded = new Map<string, GroupRow>();
  private readonly dirty = new Set<GroupRow>();
  private readonly select: Statement;
  private readonly selectLast: Statement;
  private readonly upsert: Statement;
  private lastGid: number | undefined;
  private characters = 0;

  constructor(connection: Connection) {
    this.select = connection.prepare(`SELECT ${GROUP_COLUMNS} FROM groups WHERE app = ? AND id = ?`);
    this.selectLast = connection.prepare('SELECT coalesce(max(gid), 0) AS gid FROM groups');
    this.upsert = connection.prepare(`
      INSERT INTO groups (${GROUP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (gid) DO UPDATE SET numeric_id = excluded.numeric_id, name = excluded.name, owner = excluded.owner,
        capacity = excluded.capacity, member_count = excluded.member_count, live = excluded.live,
        created_at = excluded.created_at, updated_at = excluded.updated_at, revision = excluded.revision,
        description = excluded.description, avatar = excluded.avatar, ext = excluded.ext`);
  }

  get(stream: string, app: string, id: string): GroupRow | undefined {
    const loaded = this.loaded.get(stream);
    if (loaded !== undefined) return loaded;
    const stored = this.select.get(app, id) as StoredGroup | undefined;
    return stored && this.keep(rowOf(stored, stream));
  }

  /** A row for a group that has none yet. */
  add(stream: string, app: string, id: string, fields: Omit<GroupRow, 'gid' | 'stream' | 'app' | 'id'>): GroupRow {
    this.lastGid ??= (this.selectLast.get() as { gid: number }).gid;
    const row = this.keep({ gid: ++this.lastGid, app, id, stream, ...fields });
    this.dirty.add(row);
    return row;
  }

  changed(row: GroupRow): void {
    this.dirty.add(row);
  }

  flush(): void {
    for (const row of this.dirty) {
      // Counted anew for each change: too much rather than too little.
      this.characters += charactersOf(row);
      this.upsert.run([
        row.gid,
        row.app,
        row.id,
        row.numericId,
        row.name,
        row.owner,
        row.capacity,
        row.memberCount,
        Number(row.live),
        row.createdAt,
        row.updatedAt,
        row.revision,
        row.description,
        row.avatar,
        row.ext,
      ]);
    }
    this.dirty.clear();
    if (this.loaded.size > LOADED.groups || this.characters > LOADED.characters) this.forgetLoaded();
  }

  /** After a rollback: what is in memory may not be what is in the file. */
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

/** A row of the table of groups. */
export interface StoredGroup {
  readonly gid: number;
  readonly app: string;
  readonly id: string;
  readonly numeric_id: string;
  readonly name: string;
  readonly owner: string;
  readonly capacity: number;
  readonly member_count: number;
  readonly live: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly revision: number;
  readonly description: string;
  readonly avatar: string;
  readonly ext: string;
}

const rowOf = (stored: StoredGroup, stream: string): GroupRow => ({
  gid: stored.gid,
  app: stored.app,
  id: stored.id,
  stream,
  numericId: stored.numeric_id,
  name: stored.name,
  owner: stored.owner,
  capacity: stored.capacity,
  memberCount: stored.member_count,
  live: stored.live === 1,
  createdAt: stored.created_at,
  updatedAt: stored.updated_at,
  revision: stored.revision,
  description: stored.description,
  avatar: stored.avatar,
  ext: stored.ext,
});

/** Members as the projection writes them; every method is one statement on one group. */
export class MemberTable {
  private readonly insert: Statement;
  private readonly delete: Statement;
  private readonly update: Statement;
  private readonly endAll: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare(
      'INSERT OR REPLACE INTO members (gid, seq, user, role, joined_at, live, app) VALUES (?, ?, ?, ?, ?, 1, ?)',
    );
    this.delete = connection.prepare('DELETE FROM members WHERE gid = ? AND user = ?');
    this.update = connection.prepare('UPDATE members SET role = ? WHERE gid = ? AND user = ?');
    this.endAll = connection.prepare('UPDATE members SET live = 0 WHERE gid = ?');
  }

  put({ gid, app }: GroupRow, seq: number, user: string, role: Role, joinedAt: number): void {
    this.insert.run([gid, seq, user, ROLE_NUMBERS[role], joinedAt, app]);
  }

  remove({ gid }: GroupRow, user: string): void {
    this.delete.run([gid, user]);
  }

  /** Whether there was such a member. */
  setRole({ gid }: GroupRow, user: string, role: Role): boolean {
    return this.update.run([ROLE_NUMBERS[role], gid, user]).changes > 0;
  }

  end({ gid }: GroupRow): void {
    this.endAll.run([gid]);
  }
}
