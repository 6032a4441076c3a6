import { createHash } from 'node:crypto';
import {
  CohortError,
  comparePositions,
  groupStream,
  PAGE,
  type Position,
  type GroupView,
  type MemberView,
  type QueryAnswers,
  type QueryData,
  type Role,
} from '@cohort/contracts';
import { decodeCursor, type CursorPlace, type CursorScope } from './cursor';
import type { Connection, Statement } from './database';
import type { MembershipCache } from './membership-cache';
import { changesPage, fitting, MAX_ANSWER_BYTES, page, type ChangesShape, type PageShape } from './pages';
import { ROLE_NAMES, SCHEMA_VERSION } from './schema';
import { lastSeqOf, revisionOf, SHOWN_COLUMNS, SEQS_PER_EVENT, type ShownGroup, type StoredGroup } from './tables';

interface MemberRecord {
  readonly seq: number;
  readonly user: string;
  readonly role: 0 | 1 | 2;
  readonly joined_at: number;
}

/** A group that was asked for by its id. */
type GroupRecord = ShownGroup & Readonly<Pick<StoredGroup, 'log_from'>>;
type JoinedGroupRecord = ShownGroup & Pick<MemberRecord, 'role' | 'joined_at'>;

/** A user who joined, changed or left a group, and where. */
type MemberChange = Joinable<MemberRecord> & { readonly place: number };
/** A group that a user joined or left, or that changed while he was in it, and at which position. */
type JoinedGroupChange = Joinable<JoinedGroupRecord> & { readonly place: string };
/** What a record of a membership has no more when it is over. */
type Joinable<R extends { role: unknown }> = R | (Omit<R, 'role' | 'joined_at'> & { readonly role: null });

/** Queries that the tables answer, by their names on the wire. */
export type TableQueryName = Exclude<keyof QueryAnswers, 'events' | 'status' | 'userSync'>;

/** Few have a role: their index, which SQLite takes only when asked, and told `role > 0`. */
const WITH_ROLE = 'INDEXED BY members_with_role';
/** Above every key. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * Answers from the tables. Every page is found by its first key, so the size of the whole list doesn't matter; of changes,
 * too, but that a user's are found by looking at each of his groups.
 *
 * A cursor, or what an asker has a copy of, may come from another node: where this one has not come as far yet, `Behind` is
 * thrown, for `ReadModel.answer` to ask again.
 */
export class Queries implements TableQueries {
  private readonly statements;
  /**
   * What copies of lists rest on. What this build makes of events, and which of them it skips, is part of it: a later build
   * may say otherwise about old revisions, which nobody would hear of who asks for what is newer.
   */
  private basis: string;

  constructor(
    connection: Connection,
    private readonly cache: MembershipCache,
    private readonly store: string,
    private readonly position: () => Position,
  ) {
    this.statements = prepareAll(connection);
    this.basis = this.readBasis();
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
    const position = this.reached(place?.revision);
    const before = place === undefined ? END : this.gidOf(app, place.key[0]);
    const records = this.statements.appGroups.all(app, before, limit + 1) as ShownGroup[];
    const { entries, next } = page(scope, records, limit, APP_GROUPS, place?.revision ?? position);
    return { groups: entries, ...next };
  }

  members(query: QueryData<'members'>): QueryAnswers['members'] {
    const { app, groupId, limit = PAGE.defaultLimit, cursor, role } = query;
    const scope = this.scope('members', app, [groupId, role ?? '']);
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const { basis } = this;
    const since = query.basis === basis ? query.sinceRevision : undefined;
    const group = this.liveGroup(app, groupId, place?.revision ?? since);
    if (since !== undefined && Number(since) >= group.log_from) {
      const records = this.memberChanges(group, Number(since), limit);
      const { entries, upTo, ...rest } = changesPage(records, limit, MEMBER_CHANGES, String(group.revision));
      return { members: entries, total: group.member_count, revision: upTo, basis, full: false, ...rest };
    }
    const statement = role === undefined ? this.statements.members : this.statements.membersWithRole[role];
    const records = statement.all(group.gid, numberKey(place), limit + 1) as MemberRecord[];
    const revision = place?.revision ?? String(group.revision);
    const { entries, next } = page(scope, records, limit, MEMBERS, revision);
    return { members: entries, total: this.countMembers(group, role), revision, basis, full: true, ...next };
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
    const stream = groupStream(app, groupId);
    let membership = this.cache.get(stream, userId);
    if (membership === undefined) {
      const record = this.statements.isMember.get(app, groupId, userId) as Pick<MemberRecord, 'role'> | undefined;
      membership = record === undefined ? null : ROLE_NAMES[record.role];
      this.cache.remember(stream, userId, membership);
    }
    return membership === null ? { isMember: false } : { isMember: true, role: membership };
  }

  userGroups(query: QueryData<'userGroups'>): QueryAnswers['userGroups'] {
    const { app, userId, limit = PAGE.defaultLimit, cursor, page: pageNumber = 0 } = query;
    const scope = this.scope('userGroups', app, [userId]);
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const { basis } = this;
    const since = query.basis === basis ? query.sincePosition : undefined;
    const now = this.reached(place?.revision ?? since);
    const total = this.joinedCount({ app, userId }).count;
    if (since !== undefined && this.knowsLeft(app, userId, since)) {
      const records = this.statements.userChanges.all(app, userId, since, limit + 1);
      const { entries, upTo, ...rest } = changesPage(records as JoinedGroupChange[], limit, USER_CHANGES, now);
      return { groups: entries, total, position: upTo, basis, full: false, ...rest };
    }
    const [joinedAt, groupId] = place?.key ?? [];
    const before = place === undefined ? [END, END] : [Number(joinedAt), this.gidOf(app, groupId)];
    const records = this.statements.userGroups.all(app, userId, ...before, limit + 1, pageNumber * limit);
    const position = place?.revision ?? now;
    const { entries, next } = page(scope, records as JoinedGroupRecord[], limit, USER_GROUPS, position);
    return { groups: entries, total, position, basis, full: true, ...next };
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

  /** To be told when events were skipped. */
  eventsWereSkipped(): void {
    this.basis = this.readBasis();
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

  private readBasis(): string {
    const skipped = this.statements.unknown.all() as { type: string; event_version: number }[];
    const basis = `${this.store}/${SCHEMA_VERSION}`;
    if (skipped.length === 0) return basis;
    const types = JSON.stringify(skipped.map(({ type, event_version }) => [type, event_version]));
    return `${basis}/${createHash('sha256').update(types).digest('base64url').slice(0, 12)}`;
  }

  /** The position now, which is no earlier than one that an asker has been given. */
  private reached(seen: Position | undefined): Position {
    const position = this.position();
    if (seen === undefined || comparePositions(seen, position) <= 0) return position;
    throw new Behind(
      { position: seen },
      `The read model has position ${position} and not yet ${seen}, which this query goes on from; try again.`,
      { position, after: seen },
    );
  }

  /** A group at a revision that is no earlier than one that an asker has been given. */
  private groupRecord(app: string, groupId: string, seen = '-1'): GroupRecord {
    const record = this.statements.group.get(app, groupId) as GroupRecord | undefined;
    if (record !== undefined && record.revision >= Number(seen)) return record;
    if (record === undefined && seen === '-1') {
      throw new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });
    }
    throw new Behind(
      { stream: groupStream(app, groupId) },
      `The read model does not have revision ${seen} of group ${groupId} yet, which this query goes on from; try again.`,
      { groupId, revision: seen },
    );
  }

  private liveGroup(app: string, groupId: string, seen?: string): GroupRecord {
    const record = this.groupRecord(app, groupId, seen);
    if (record.live === 1) return record;
    throw new CohortError('GROUP_DISMISSED', `Group ${groupId} was dismissed.`, { groupId });
  }

  /** What changed after a revision: one record more than the limit, or than the first event changed, if that is more. */
  private memberChanges({ gid }: ShownGroup, since: number, limit: number): MemberChange[] {
    const first = (count: number) =>
      this.statements.memberChanges.all(gid, lastSeqOf(since), count + 1) as MemberChange[];
    const records = first(limit);
    const isOneEvent = new Set(records.map(MEMBER_CHANGES.stepOf)).size === 1;
    return isOneEvent && records.length > limit ? first(SEQS_PER_EVENT) : records;
  }

  /** Whether every group that the user left since is still known. */
  private knowsLeft(app: string, userId: string, since: Position): boolean {
    return this.statements.leftGroupsAfter.get(app, userId, since) === undefined;
  }

  /** Where a group named by a cursor stands in this node's file. */
  private gidOf(app: string, groupId: unknown): number {
    const record = this.statements.group.get(app, groupId) as GroupRecord | undefined;
    if (record === undefined) throw new CohortError('CURSOR_INVALID', 'cursor names a place this list does not have.');
    return record.gid;
  }

  private countMembers(group: ShownGroup, role: Role | undefined): number {
    if (role === undefined) return group.member_count;
    if (role === 'member') return group.member_count - countOf(this.statements.countWithAnyRole.get(group.gid));
    return countOf(this.statements.countWithRole[role].get(group.gid));
  }
}

/** `READ_MODEL_BEHIND`, and what has to be applied for another answer: up to a position, or more events of a group. */
export class Behind extends CohortError {
  constructor(
    readonly lacks: { readonly position: Position } | { readonly position?: undefined; readonly stream: string },
    message: string,
    details: CohortError['details'],
  ) {
    super('READ_MODEL_BEHIND', message, details);
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
    group: prepare(`SELECT ${SHOWN_COLUMNS}, g.log_from FROM groups g WHERE g.app = ? AND g.id = ?`),
    appGroups: prepare(
      `SELECT ${SHOWN_COLUMNS} FROM groups g WHERE g.app = ? AND g.live = 1 AND g.gid < ? ORDER BY g.gid DESC LIMIT ?`,
    ),
    members: membersWhere(''),
    membersWithRole: {
      owner: membersWhere('AND role = 2 AND role > 0', WITH_ROLE),
      admin: membersWhere('AND role = 1 AND role > 0', WITH_ROLE),
      member: membersWhere('AND role = 0'),
    },
    memberChanges: prepare(
      `SELECT seq AS place, seq, user, role, joined_at FROM members WHERE gid = ?1 AND seq > ?2 AND changed IS NULL
       UNION ALL
       SELECT changed, seq, user, role, joined_at FROM members WHERE gid = ?1 AND changed > ?2
       UNION ALL
       SELECT l.seq, l.seq, l.user, NULL, NULL FROM left_members l
       WHERE l.gid = ?1 AND l.seq > ?2 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.gid = l.gid AND m.user = l.user)
       ORDER BY 1 LIMIT ?3`,
    ),
    countWithAnyRole: countWhere('role > 0'),
    countWithRole: { owner: countWhere('role = 2 AND role > 0'), admin: countWhere('role = 1 AND role > 0') },
    member: prepare('SELECT seq, user, role, joined_at FROM members WHERE gid = ? AND user = ?'),
    isMember: prepare(
      `SELECT m.role FROM groups g JOIN members m ON m.gid = g.gid AND m.user = ?3
       WHERE g.app = ?1 AND g.id = ?2 AND m.ended IS NULL`,
    ),
    userGroups: prepare(
      `SELECT ${SHOWN_COLUMNS}, m.role, m.joined_at FROM members m JOIN groups g ON g.gid = m.gid
       WHERE m.app = ? AND m.user = ? AND m.ended IS NULL AND (m.joined_at, m.gid) < (?, ?)
       ORDER BY m.joined_at DESC, m.gid DESC LIMIT ? OFFSET ?`,
    ),
    userChanges: prepare(
      `SELECT CAST(c.place AS TEXT) AS place, c.role, c.joined_at, ${SHOWN_COLUMNS} FROM (
         SELECT g.position AS place, m.gid, m.role, m.joined_at FROM members m JOIN groups g ON g.gid = m.gid
         WHERE m.app = ?1 AND m.user = ?2 AND m.ended IS NULL AND g.position > ?3
         UNION ALL
         SELECT m.ended, m.gid, NULL, NULL FROM members m WHERE m.app = ?1 AND m.user = ?2 AND m.ended > ?3
         UNION ALL
         SELECT l.position, l.gid, NULL, NULL FROM left_members l
         WHERE l.app = ?1 AND l.user = ?2 AND l.position > ?3
           AND NOT EXISTS (SELECT 1 FROM members m WHERE m.gid = l.gid AND m.user = l.user)
         ORDER BY 1 LIMIT ?4
       ) c JOIN groups g ON g.gid = c.gid ORDER BY c.place`,
    ),
    leftGroupsAfter: prepare('SELECT 1 FROM left_groups_from WHERE app = ? AND user = ? AND position > ?'),
    joinedCount: prepare('SELECT count(*) AS count FROM members WHERE app = ? AND user = ? AND ended IS NULL'),
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

function numberKey(place: CursorPlace | undefined): number {
  const key = place?.key[0] ?? -1;
  if (typeof key === 'number') return key;
  throw new CohortError('CURSOR_INVALID', 'cursor names a place this list does not have.');
}

const countOf = (row: unknown): number => (row as { count: number }).count;
const isoTime = (ms: number): string => new Date(ms).toISOString();

const groupView = (record: ShownGroup): GroupView => ({
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

const MEMBERS: PageShape<MemberRecord, MemberView> = { view: memberView, keyOf: ({ seq }) => [seq] };
const MEMBER_CHANGES: ChangesShape<MemberChange, MemberView> = {
  view: (record) => (record.role === null ? undefined : memberView(record)),
  idOf: ({ user }) => user,
  stepOf: ({ place }) => String(revisionOf(place)),
};

const APP_GROUPS: PageShape<ShownGroup, GroupView> = { view: groupView, keyOf: ({ id }) => [id] };
const USER_GROUPS: PageShape<JoinedGroupRecord, ReturnType<typeof joinedGroupView>> = {
  view: joinedGroupView,
  keyOf: ({ joined_at, id }) => [joined_at, id],
};
const USER_CHANGES: ChangesShape<JoinedGroupChange, ReturnType<typeof joinedGroupView>> = {
  view: (record) => (record.role === null ? undefined : joinedGroupView(record)),
  idOf: ({ id }) => id,
  stepOf: ({ place }) => place,
};
