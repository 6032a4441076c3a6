import type { Role } from '@cohort/contracts';
import type { Connection, Statement } from './database';
import { ROLE_NUMBERS } from './schema';

const GROUP_TEXTS = ['app', 'id', 'numeric_id', 'name', 'owner', 'position', 'description', 'avatar', 'ext'] as const;
const GROUP_NUMBERS = [
  'gid',
  'capacity',
  'member_count',
  'live',
  'created_at',
  'updated_at',
  'revision',
  'log_from',
] as const;
const GROUP_COLUMNS = [...GROUP_NUMBERS, ...GROUP_TEXTS] as const;

/** Columns that no list shows; every column read costs time. */
const UNSHOWN = ['app', 'position', 'log_from'] as const;
/** What to select, of `groups g`, for a `ShownGroup`. */
export const SHOWN_COLUMNS = GROUP_COLUMNS.filter((column) => !(UNSHOWN as readonly string[]).includes(column))
  .map((column) => `g.${column}`)
  .join(', ');

/** A row of the table of groups, by its columns: times in milliseconds since 1970, `live` 1 or 0. */
export type StoredGroup = Record<(typeof GROUP_TEXTS)[number], string> & Record<(typeof GROUP_NUMBERS)[number], number>;

export type ShownGroup = Readonly<Omit<StoredGroup, (typeof UNSHOWN)[number]>>;

/** A group's row, as the projection holds it between load and flush. */
export type GroupRow = StoredGroup & { readonly stream: string };

/** Rows of groups kept in memory, for a group's next event: so many at most, with texts of so many characters. */
const LOADED = { groups: 10_000, characters: 16_000_000 } as const;

/** A place in the order of a group's changes, from an event's revision and the member's place in the event. */
function seqOf(revision: number, index: number): number {
  if (index >= SEQS_PER_EVENT) throw new Error(`more than ${SEQS_PER_EVENT} members in one event`);
  return revision * SEQS_PER_EVENT + index;
}
export const revisionOf = (seq: number): number => Math.floor(seq / SEQS_PER_EVENT);
/** The last place that an event of this revision can fill. */
export const lastSeqOf = (revision: number): number => seqOf(revision, SEQS_PER_EVENT - 1);
export const SEQS_PER_EVENT = 1_024;

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
    // A position may be larger than JavaScript's exact numbers.
    this.select = connection.prepare(
      `SELECT ${SHOWN_COLUMNS}, g.app, g.log_from, CAST(g.position AS TEXT) AS position
       FROM groups g WHERE g.app = ? AND g.id = ?`,
    );
    this.selectLast = connection.prepare('SELECT coalesce(max(gid), 0) AS gid FROM groups');
    // Columns that are set are written in their indexes again, even with the value they have.
    const settable = GROUP_COLUMNS.filter((column) => column !== 'gid' && column !== 'app' && column !== 'id');
    this.upsert = connection.prepare(`
      INSERT INTO groups (${GROUP_COLUMNS.join(', ')}) VALUES (${GROUP_COLUMNS.map(() => '?').join(', ')})
      ON CONFLICT (gid) DO UPDATE SET ${settable.map((column) => `${column} = excluded.${column}`).join(', ')}`);
  }

  get(stream: string, app: string, id: string): GroupRow | undefined {
    const loaded = this.loaded.get(stream);
    if (loaded !== undefined) return loaded;
    const stored = this.select.get(app, id) as StoredGroup | undefined;
    return stored && this.keep({ ...stored, stream });
  }

  /** A row for a group that has none yet. */
  add(stream: string, fields: Omit<StoredGroup, 'gid'>): GroupRow {
    this.lastGid ??= (this.selectLast.get() as { gid: number }).gid;
    const row = this.keep({ ...fields, gid: ++this.lastGid, stream });
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
      this.upsert.run(GROUP_COLUMNS.map((column) => row[column]));
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

/** Members as the projection writes them; every method is for one event of a group, and for one user or all. */
export class MemberTable {
  private readonly insert: Statement;
  private readonly insertMany: Statement;
  private readonly delete: Statement;
  private readonly update: Statement;
  private readonly endAll: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare(
      'INSERT OR REPLACE INTO members (gid, seq, user, role, joined_at, app) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.insertMany = connection.prepare(
      `INSERT OR REPLACE INTO members (gid, seq, user, role, joined_at, app)
       SELECT ?1, ?2 + key, value, ?3, ?4, ?5 FROM json_each(?6)`,
    );
    this.delete = connection.prepare('DELETE FROM members WHERE gid = ? AND user = ?');
    this.update = connection.prepare('UPDATE members SET role = ?, changed = ? WHERE gid = ? AND user = ?');
    this.endAll = connection.prepare('UPDATE members SET ended = ? WHERE gid = ?');
  }

  /** The event's members, in their order. */
  put({ gid, app, revision, updated_at }: GroupRow, users: readonly string[], role: Role): void {
    const first = seqOf(revision, 0);
    const number = ROLE_NUMBERS[role];
    if (users.length === 1) {
      this.insert.run([gid, first, users[0], number, updated_at, app]);
    } else {
      seqOf(revision, users.length - 1);
      // In one statement, at a third of the time.
      this.insertMany.run([gid, first, number, updated_at, app, JSON.stringify(users)]);
    }
  }

  remove({ gid }: GroupRow, user: string): void {
    this.delete.run([gid, user]);
  }

  /** Whether there was such a member. */
  setRole({ gid, revision }: GroupRow, index: number, user: string, role: Role): boolean {
    return this.update.run([ROLE_NUMBERS[role], seqOf(revision, index), gid, user]).changes > 0;
  }

  /** The group is over, by its last event. */
  end({ gid, position }: GroupRow): void {
    this.endAll.run([position, gid]);
  }
}

/** Changes that a log of who left keeps at least. */
export const KEPT_CHANGES = 1_000;

/**
 * Who left which group: what a client that has a copy of a list can't learn from the rows that are there. (A group's end
 * stands in the rows of its members.)
 *
 * A group's log covers its last `kept` events, or as many as it has members if those are more: after that, reading the
 * whole list is the cheaper way. A user's groups are told from the same rows, and from which position on they are all
 * there is kept for each user. All this is a function of the events alone, each row decided by single events and not by
 * what is in the file, so that applying events again changes nothing.
 */
export class LeftTable {
  private readonly insert: Statement;
  private readonly raise: Statement;
  private readonly delete: Statement;

  constructor(
    connection: Connection,
    private readonly kept: number,
  ) {
    this.insert = connection.prepare(
      'INSERT OR REPLACE INTO left_members (gid, seq, user, app, position) VALUES (?, ?, ?, ?, ?)',
    );
    this.raise = connection.prepare(`
      INSERT INTO left_groups_from (app, user, position)
      SELECT app, user, position FROM left_members WHERE gid = ? AND seq <= ?
      ON CONFLICT (app, user) DO UPDATE SET position = max(position, excluded.position)`);
    this.delete = connection.prepare('DELETE FROM left_members WHERE gid = ? AND seq <= ?');
  }

  /** A user is no longer a member, by the group's last event. */
  add({ gid, app, revision, position }: GroupRow, index: number, user: string): void {
    this.insert.run([gid, seqOf(revision, index), user, app, position]);
  }

  /** Takes out what is too old, after users left. */
  trim(group: GroupRow): void {
    const from = group.revision - Math.max(this.kept, group.member_count);
    // Also when nothing is newly too old: events that are applied again have put old entries in again.
    if (from < group.log_from || from <= 0) return;
    group.log_from = from;
    const tooOld = [group.gid, lastSeqOf(from)];
    if (this.raise.run(tooOld).changes > 0) this.delete.run(tooOld);
  }
}
