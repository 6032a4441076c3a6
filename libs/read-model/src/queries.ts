import {
  CohortError,
  PAGE,
  type Position,
  type GroupView,
  type MemberView,
  type QueryAnswers,
  type QueryData,
  type Role,
} from '@cohort/contracts';
import { decodeCursor, encodeCursor, type CursorPlace, type CursorScope } from './cursor';
import type { Connection, Statement } from './database';
import type { MembershipCache } from './membership-cache';
import { ROLE_NAMES } from './schema';
import type { StoredGroup } from './tables';

/** Most bytes of JSON in an answer: NATS carries 1 MiB by default. Pages end earlier, `groups` is refused. */
export const MAX_ANSWER_BYTES = 768 * 1024;

type GroupRecord = Omit<StoredGroup, 'app'>;

interface MemberRecord {
  readonly seq: number;
  readonly user: string;
  readonly role: 0 | 1 | 2;
  readonly joined_at: number;
}

type JoinedGroupRecord = GroupRecord & Pick<MemberRecord, 'role' | 'joined_at'>;

/** Queries that the tables answer, by their names on the wire. */
export type TableQueryName = Exclude<keyof QueryAnswers, 'events' | 'status' | 'userSync'>;

const GROUP = `g.gid, g.id, g.numeric_id, g.name, g.owner, g.capacity, g.member_count, g.live, g.created_at,
  g.updated_at, g.revision, g.description, g.avatar, g.ext`;
/** Few have a role: their index, which SQLite takes only when asked, and told `role > 0`. */
const WITH_ROLE = 'INDEXED BY members_with_role';
/** Above every key. */
const END = Number.MAX_SAFE_INTEGER;

/** Answers from the tables. Every page is found by its first key, so the size of the whole list doesn't matter. */
export class Queries implements TableQueries {
  private readonly statements;

  constructor(
    connection: Connection,
    private readonly cache: MembershipCache,
    private readonly store: string,
    private readonly position: () => Position,
  ) {
    this.statements = prepareAll(connection);
  }

  group({ app, groupId }: QueryData<'group'>): QueryAnswers['group'] {
    return groupView(this.groupRecord(app, groupId));
  }

  groups({ app, groupIds }: QueryData<'groups'>): QueryAnswers['groups'] {
    const groups: GroupView[] = [];
    const missing: string[] = [];
    for (const groupId of new Set(groupIds)) {
      const record = this.statements.group.get(app, groupId) as GroupRecord | undefined;
      if (record === undefined) missing.push(groupId);
      else groups.push(groupView(record));
    }
    if (fitting(groups) < groups.length) {
      throw new CohortError(
        'TOO_LARGE',
        `These groups don't fit into one answer of ${MAX_ANSWER_BYTES} bytes; ask for fewer.`,
      );
    }
    return { groups, missing };
  }

  appGroups({ app, limit = PAGE.defaultLimit, cursor }: QueryData<'appGroups'>): QueryAnswers['appGroups'] {
    const scope = this.scope('appGroups', app, []);
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const before = place === undefined ? END : this.gidOf(app, place.key[0]);
    const records = this.statements.appGroups.all(app, before, limit + 1) as GroupRecord[];
    const revision = place?.revision ?? this.position();
    const { entries, next } = page(scope, records, limit, groupView, ({ id }) => [id], revision);
    return { groups: entries, ...next };
  }

  members({ app, groupId, limit = PAGE.defaultLimit, cursor, role }: QueryData<'members'>): QueryAnswers['members'] {
    const scope = this.scope('members', app, [groupId, role ?? '']);
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const group = this.liveGroup(app, groupId);
    const statement = role === undefined ? this.statements.members : this.statements.membersWithRole[role];
    const records = statement.all(group.gid, numberKey(place), limit + 1) as MemberRecord[];
    const revision = place?.revision ?? String(group.revision);
    const { entries, next } = page(scope, records, limit, memberView, ({ seq }) => [seq], revision);
    return { members: entries, total: this.countMembers(group, role), revision, ...next };
  }

  member({ app, groupId, userId }: QueryData<'member'>): QueryAnswers['member'] {
    const group = this.liveGroup(app, groupId);
    const record = this.statements.member.get(group.gid, userId) as MemberRecord | undefined;
    if (record === undefined) {
      throw new CohortError('NOT_A_MEMBER', `User ${userId} is not a member of group ${groupId}.`, { groupId, userId });
    }
    return { groupId, ...memberView(record), revision: String(group.revision) };
  }

  /** The hot one: answered from memory when the same was asked before. */
  isMember({
    app,
    groupId,
    userId,
  }: Pick<QueryData<'isMember'>, 'app' | 'groupId' | 'userId'>): QueryAnswers['isMember'] {
    const stream = `group-${app}/${groupId}`;
    let membership = this.cache.get(stream, userId);
    if (membership === undefined) {
      const record = this.statements.isMember.get(app, groupId, userId) as Pick<MemberRecord, 'role'> | undefined;
      membership = record === undefined ? null : ROLE_NAMES[record.role];
      this.cache.remember(stream, userId, membership);
    }
    return membership === null ? { isMember: false } : { isMember: true, role: membership };
  }

  userGroups(query: QueryData<'userGroups'>): QueryAnswers['userGroups'] {
    const { app, userId, limit = PAGE.defaultLimit, cursor, page: pageNumber } = query;
    if (cursor !== undefined && pageNumber !== undefined) {
      throw new CohortError('VALIDATION_FAILED', 'cursor and page exclude each other', {
        fields: [{ field: 'page', message: "page can't be given beside cursor" }],
      });
    }
    const scope = this.scope('userGroups', app, [userId]);
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const [joinedAt, groupId] = place?.key ?? [];
    const before = place === undefined ? [END, END] : [Number(joinedAt), this.gidOf(app, groupId)];
    const offset = (pageNumber ?? 0) * limit;
    const records = this.statements.userGroups.all(app, userId, ...before, limit + 1, offset) as JoinedGroupRecord[];
    const position = place?.revision ?? this.position();
    const { entries, next } = page(
      scope,
      records,
      limit,
      joinedGroupView,
      (last) => [last.joined_at, last.id],
      position,
    );
    return { groups: entries, total: this.joinedCount({ app, userId }).count, position, ...next };
  }

  joinedCount({ app, userId }: Pick<QueryData<'joinedCount'>, 'app' | 'userId'>): QueryAnswers['joinedCount'] {
    return { count: countOf(this.statements.joinedCount.get(app, userId)) };
  }

  /** Whether there is, or was, a group with this id. */
  hasGroup(app: string, groupId: string): boolean {
    return this.statements.group.get(app, groupId) !== undefined;
  }

  /** The number of the last sync of the user that was completed; -1 before the first. */
  completedSync(app: string, userId: string): number {
    const row = this.statements.completedSync.get(app, userId) as { completed: number } | undefined;
    return row?.completed ?? -1;
  }

  /** Why answers may be incomplete, one sentence each. */
  degraded(): string[] {
    const failed = this.statements.failed.get() as { count: number; first: string | null };
    const unknown = this.statements.unknown.all() as { type: string; event_version: number; first_position: string }[];
    return [
      ...(failed.count === 0
        ? []
        : [`${failed.count} event(s) could not be applied, the first at position ${failed.first}.`]),
      ...unknown.map(
        ({ type, event_version, first_position }) =>
          `Events "${type}" of version ${event_version} are not known to this node and were skipped, the first at position ${first_position}.`,
      ),
    ];
  }

  private scope(list: string, app: string, of: readonly string[]): CursorScope {
    return { list, app, store: this.store, of };
  }

  private groupRecord(app: string, groupId: string): GroupRecord {
    const record = this.statements.group.get(app, groupId) as GroupRecord | undefined;
    if (record === undefined) throw new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });
    return record;
  }

  private liveGroup(app: string, groupId: string): GroupRecord {
    const record = this.groupRecord(app, groupId);
    if (record.live === 1) return record;
    throw new CohortError('GROUP_DISMISSED', `Group ${groupId} was dismissed.`, { groupId });
  }

  /** Where a group named by a cursor stands in this node's file. */
  private gidOf(app: string, groupId: unknown): number {
    const record = this.statements.group.get(app, groupId) as GroupRecord | undefined;
    if (record === undefined) throw new CohortError('CURSOR_INVALID', 'cursor names a place this list does not have.');
    return record.gid;
  }

  private countMembers(group: GroupRecord, role: Role | undefined): number {
    if (role === undefined) return group.member_count;
    if (role === 'member') return group.member_count - countOf(this.statements.countWithAnyRole.get(group.gid));
    return countOf(this.statements.countWithRole[role].get(group.gid));
  }
}

/** For each of those queries, what answers it. */
export type TableQueries = { [N in TableQueryName]: (query: QueryData<N>) => QueryAnswers[N] };

function prepareAll(connection: Connection) {
  const prepare = (sql: string): Statement => connection.prepare(sql);
  const membersWhere = (condition: string, index = '') =>
    prepare(
      `SELECT seq, user, role, joined_at FROM members ${index} WHERE gid = ? AND seq > ? ${condition} ORDER BY seq LIMIT ?`,
    );
  const countWhere = (condition: string) =>
    prepare(`SELECT count(*) AS count FROM members ${WITH_ROLE} WHERE gid = ? AND ${condition}`);
  return {
    group: prepare(`SELECT ${GROUP} FROM groups g WHERE g.app = ? AND g.id = ?`),
    appGroups: prepare(
      `SELECT ${GROUP} FROM groups g WHERE g.app = ? AND g.live = 1 AND g.gid < ? ORDER BY g.gid DESC LIMIT ?`,
    ),
    members: membersWhere(''),
    membersWithRole: {
      owner: membersWhere('AND role = 2 AND role > 0', WITH_ROLE),
      admin: membersWhere('AND role = 1 AND role > 0', WITH_ROLE),
      member: membersWhere('AND role = 0'),
    },
    countWithAnyRole: countWhere('role > 0'),
    countWithRole: { owner: countWhere('role = 2 AND role > 0'), admin: countWhere('role = 1 AND role > 0') },
    member: prepare('SELECT seq, user, role, joined_at FROM members WHERE gid = ? AND user = ?'),
    isMember: prepare(
      `SELECT m.role FROM groups g JOIN members m ON m.gid = g.gid AND m.user = ?3
       WHERE g.app = ?1 AND g.id = ?2 AND m.live = 1`,
    ),
    userGroups: prepare(
      `SELECT ${GROUP}, m.role, m.joined_at FROM members m JOIN groups g ON g.gid = m.gid
       WHERE m.app = ? AND m.user = ? AND m.live = 1 AND (m.joined_at, m.gid) < (?, ?)
       ORDER BY m.joined_at DESC, m.gid DESC LIMIT ? OFFSET ?`,
    ),
    joinedCount: prepare('SELECT count(*) AS count FROM members WHERE app = ? AND user = ? AND live = 1'),
    completedSync: prepare('SELECT completed FROM user_syncs WHERE app = ? AND user = ?'),
    failed: prepare(
      `SELECT count(*) AS count, (SELECT position FROM failed_events ORDER BY length(position), position LIMIT 1) AS first
       FROM failed_events`,
    ),
    unknown: prepare(
      'SELECT type, event_version, first_position FROM unknown_types ORDER BY length(first_position), first_position',
    ),
  };
}

/** Makes the records a page: at most `limit`, and no more than fit into an answer; a cursor when any are left. */
function page<R, E extends object>(
  scope: CursorScope,
  records: readonly R[],
  limit: number,
  view: (record: R) => E,
  keyOf: (last: R) => CursorPlace['key'],
  revision: string,
): { entries: E[]; next: { cursor?: string } } {
  const wanted = records.slice(0, limit).map(view);
  const entries = wanted.slice(0, fitting(wanted));
  const last = records[entries.length - 1];
  if (last === undefined || entries.length === records.length) return { entries, next: {} };
  return { entries, next: { cursor: encodeCursor(scope, { key: keyOf(last), revision }) } };
}

/** How many entries fit into an answer; at least one. */
function fitting(entries: readonly object[]): number {
  let bytes = 0;
  const over = entries.findIndex((entry) => (bytes += jsonBytes(entry)) > MAX_ANSWER_BYTES);
  return over < 0 ? entries.length : Math.max(over, 1);
}

/** Bytes of an entry in JSON: exact when any of its texts is long, else a bound that needs no encoding. */
function jsonBytes(entry: object): number {
  let characters = 0;
  let fields = 0;
  for (const value of Object.values(entry)) {
    fields += 1;
    if (typeof value === 'string') characters += value.length;
  }
  // A character is at most 6 bytes in JSON; a key with its marks, or a number, at most 24.
  const bound = characters * 6 + fields * 48;
  return bound <= MAX_ANSWER_BYTES / PAGE.maxLimit ? bound : Buffer.byteLength(JSON.stringify(entry)) + 1;
}

function numberKey(place: CursorPlace | undefined): number {
  const key = place?.key[0] ?? -1;
  if (typeof key === 'number') return key;
  throw new CohortError('CURSOR_INVALID', 'cursor names a place this list does not have.');
}

const countOf = (row: unknown): number => (row as { count: number }).count;
const isoTime = (ms: number): string => new Date(ms).toISOString();

const groupView = (record: GroupRecord): GroupView => ({
  groupId: record.id,
  numericId: record.numeric_id,
  name: record.name,
  description: record.description,
  avatar: record.avatar,
  ext: record.ext,
  owner: record.owner,
  capacity: record.capacity,
  memberCount: record.member_count,
  status: record.live === 1 ? 'live' : 'dismissed',
  createdAt: isoTime(record.created_at),
  updatedAt: isoTime(record.updated_at),
  revision: String(record.revision),
});

const memberView = ({ user, role, joined_at }: MemberRecord): MemberView => ({
  userId: user,
  role: ROLE_NAMES[role],
  joinedAt: isoTime(joined_at),
});

const joinedGroupView = (record: JoinedGroupRecord) => ({
  ...groupView(record),
  role: ROLE_NAMES[record.role],
  joinedAt: isoTime(record.joined_at),
});
