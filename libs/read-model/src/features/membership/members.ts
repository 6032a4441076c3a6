import type { Role } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { numberIn } from '../../list';
import { lastSeqOf, revisionOf } from '../../tables/places';
import { MEMBER_COLUMNS, memberView, type Ended, type MemberRecord } from './records';

/** A user who joined, changed or left, and the place of that. */
type MemberChange = (MemberRecord | Ended<MemberRecord>) & { readonly place: number };

/** Few members have a role. SQLite uses their index only when it is named, and the condition has `role > 0`. */
const WITH_ROLE = 'INDEXED BY members_with_role';

const countOf = (row: unknown): number => (row as { count: number }).count;

function statements({ connection }: ReadSide) {
  const membersWhere = (condition: string, index = '') =>
    connection.prepare(
      `SELECT ${MEMBER_COLUMNS} FROM members ${index} WHERE gid = ? AND seq > ? ${condition} ORDER BY seq LIMIT ?`,
    );
  const countWhere = (condition: string) =>
    connection.prepare(`SELECT count(*) AS count FROM members ${WITH_ROLE} WHERE gid = ? AND ${condition}`);
  return {
    all: membersWhere(''),
    withRole: {
      owner: membersWhere('AND role = 2 AND role > 0', WITH_ROLE),
      admin: membersWhere('AND role = 1 AND role > 0', WITH_ROLE),
      member: membersWhere('AND role = 0'),
    },
    countWithAnyRole: countWhere('role > 0'),
    countWithRole: { owner: countWhere('role = 2 AND role > 0'), admin: countWhere('role = 1 AND role > 0') },
    changes: connection.prepare(
      `SELECT seq AS place, ${MEMBER_COLUMNS} FROM members WHERE gid = ?1 AND seq > ?2 AND changed IS NULL
       UNION ALL
       SELECT changed, ${MEMBER_COLUMNS} FROM members WHERE gid = ?1 AND changed > ?2
       UNION ALL
       SELECT l.seq, l.seq, l.user, NULL, NULL, NULL, NULL, NULL FROM left_members l
       WHERE l.gid = ?1 AND l.seq > ?2 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.gid = l.gid AND m.user = l.user)
       ORDER BY 1 LIMIT ?3`,
    ),
  };
}

/** Members in the order they joined. */
export function members(read: ReadSide) {
  const sql = statements(read);

  function count(gid: number, memberCount: number, role: Role | undefined): number {
    if (role === undefined) return memberCount;
    if (role === 'member') return memberCount - countOf(sql.countWithAnyRole.get(gid));
    return countOf(sql.countWithRole[role].get(gid));
  }

  return read.lists.ofGroup<'members', MemberRecord, MemberChange>({
    name: 'members',
    entries: 'members',
    of: ({ groupId, role }) => [groupId, role ?? ''],
    rows: ({ query: { role }, at: { gid } }, after, limit) =>
      (role === undefined ? sql.all : sql.withRole[role]).all(gid, numberIn(after), limit) as MemberRecord[],
    key: ['number'],
    keyOf: ({ seq }) => [seq],
    view: memberView(read.texts),
    mirror: {
      total: ({ query: { role }, at: { gid, member_count } }) => count(gid, member_count, role),
      knows: ({ at: { log_from } }, since) => Number(since) >= log_from,
      changes: ({ at: { gid } }, since, limit) =>
        sql.changes.all(gid, lastSeqOf(Number(since)), limit) as MemberChange[],
      isRemoved: ({ role }) => role === null,
      idOf: ({ user }) => user,
      stepOf: ({ place }) => String(revisionOf(place)),
    },
  });
}
