import { PAGE, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { groupView, isoTime } from '../../tables/group-reader';
import { SHOWN_COLUMNS, type ShownGroup } from '../../tables/groups';
import { ROLE_NAMES } from '../../tables/members';
import type { Ended, MemberRecord } from './records';

type JoinedGroup = ShownGroup & Pick<MemberRecord, 'role' | 'joined_at'>;
/** A group that the user joined or left, or that changed with the user in it, and the position of that. */
type JoinedGroupChange = (JoinedGroup | Ended<JoinedGroup>) & { readonly place: string };

/** Above every key. */
const END = Number.MAX_SAFE_INTEGER;

function statements({ connection }: ReadSide) {
  return {
    page: connection.prepare(
      `SELECT ${SHOWN_COLUMNS}, m.role, m.joined_at FROM members m JOIN groups g ON g.gid = m.gid
       WHERE m.app = ? AND m.user = ? AND m.ended IS NULL AND g.live = 1 AND (m.joined_at, m.gid) < (?, ?)
       ORDER BY m.joined_at DESC, m.gid DESC LIMIT ? OFFSET ?`,
    ),
    changes: connection.prepare(
      `SELECT CAST(c.place AS TEXT) AS place, c.role, c.joined_at, ${SHOWN_COLUMNS} FROM (
         SELECT g.position AS place, m.gid, m.role, m.joined_at FROM members m JOIN groups g ON g.gid = m.gid
         WHERE m.app = ?1 AND m.user = ?2 AND m.ended IS NULL AND g.live = 1 AND g.position > ?3
         UNION ALL
         SELECT m.ended, m.gid, NULL, NULL FROM members m WHERE m.app = ?1 AND m.user = ?2 AND m.ended > ?3
         UNION ALL
         SELECT l.position, l.gid, NULL, NULL FROM left_members l
         WHERE l.app = ?1 AND l.user = ?2 AND l.position > ?3
           AND NOT EXISTS (SELECT 1 FROM members m WHERE m.gid = l.gid AND m.user = l.user)
         ORDER BY 1 LIMIT ?4
       ) c JOIN groups g ON g.gid = c.gid ORDER BY c.place`,
    ),
    droppedAfter: connection.prepare('SELECT 1 FROM left_groups_from WHERE app = ? AND user = ? AND position > ?'),
    count: connection.prepare('SELECT count(*) AS count FROM members WHERE app = ? AND user = ? AND ended IS NULL'),
    counts: connection.prepare(
      `SELECT count(*) AS joined, count(CASE WHEN m.role = 2 THEN 1 END) AS owned
       FROM members m JOIN groups g ON g.gid = m.gid
       WHERE m.app = ? AND m.user = ? AND m.ended IS NULL AND g.live = 1`,
    ),
    groupsUpTo: connection.prepare(
      'SELECT count(*) AS count FROM (SELECT 1 FROM groups WHERE app = ? AND live = 1 LIMIT ?) c',
    ),
    // Few groups are being imported at a time.
    countHidden: connection.prepare(
      `SELECT count(*) AS count FROM imports i JOIN members m ON m.gid = i.gid AND m.user = ?2
       WHERE i.app = ?1 AND i.completed = 0 AND m.ended IS NULL`,
    ),
  };
}

/** Live groups of a user, the latest joined first, and numbers of groups. */
export function userGroups(read: ReadSide) {
  const sql = statements(read);
  const count = (app: string, userId: string) => {
    const [all, hidden] = [sql.count, sql.countHidden].map((each) => each.get(app, userId) as { count: number });
    return all!.count - hidden!.count;
  };

  return {
    userGroups: read.lists.overGroups<'userGroups', JoinedGroup, JoinedGroupChange>({
      name: 'userGroups',
      entries: 'groups',
      of: ({ userId }) => [userId],
      rows: ({ query }, after, limit) => {
        const { app, userId, page = 0 } = query;
        const before = after === undefined ? [END, END] : [Number(after[0]), read.groups.gidOf(app, after[1])];
        const offset = after === undefined ? page * (query.limit ?? PAGE.defaultLimit) : 0;
        return sql.page.all(app, userId, ...before, limit, offset) as JoinedGroup[];
      },
      key: ['number', 'string'],
      keyOf: ({ joined_at, id }) => [joined_at, id],
      view: (row) => ({ ...groupView(row), role: ROLE_NAMES[row.role], joinedAt: isoTime(row.joined_at) }),
      mirror: {
        total: ({ query: { app, userId } }) => count(app, userId),
        knows: ({ query: { app, userId } }, since) => sql.droppedAfter.get(app, userId, since) === undefined,
        changes: ({ query: { app, userId } }, since, limit) =>
          sql.changes.all(app, userId, since, limit) as JoinedGroupChange[],
        isRemoved: ({ role }) => role === null,
        idOf: ({ id }) => id,
        stepOf: ({ place }) => place,
      },
    }),

    joinedCount: ({ app, userId }: Pick<QueryData<'joinedCount'>, 'app' | 'userId'>): QueryAnswers['joinedCount'] => ({
      count: count(app, userId),
    }),

    groupCounts: ({ app, userIds, upTo = 0 }: QueryData<'groupCounts'>): QueryAnswers['groupCounts'] => ({
      groups: (sql.groupsUpTo.get(app, upTo) as { count: number }).count,
      users: [...new Set(userIds)].map((userId) => {
        const { owned, joined } = sql.counts.get(app, userId) as { owned: number; joined: number };
        return { userId, owned, joined };
      }),
    }),
  };
}
