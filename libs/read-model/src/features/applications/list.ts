import {
  comparePositions,
  type ApplicationStatus,
  type ApplicationView,
  type Position,
  type QueryAnswers,
  type QueryData,
} from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { isoTime } from '../../tables/group-reader';
import { LIVE } from '../../tables/groups';

interface Row {
  readonly gid: number;
  readonly group_id: string;
  readonly user: string;
  readonly number: number;
  readonly status: ApplicationStatus;
  readonly reason: string | null;
  readonly applied_at: number;
  readonly expires_at: number;
  readonly updated_at: number;
  readonly handled_by: string | null;
  readonly position: string;
}

interface Group {
  readonly gid: number;
  readonly id: string;
}

/** Which groups a query is about. */
type Asked = Pick<QueryData<'applications'>, 'app' | 'groupIds' | 'adminId'>;

const COLUMNS = `gid, user, number, status, reason, applied_at, expires_at, updated_at, handled_by,
  CAST(position AS TEXT) AS position`;
/** Above every number. */
const END = Number.MAX_SAFE_INTEGER;

function statements({ connection }: ReadSide) {
  const rowsWhere = (condition: string) =>
    connection.prepare(
      `SELECT ${COLUMNS} FROM applications WHERE gid = ? AND number < ? ${condition} ORDER BY number DESC LIMIT ?`,
    );
  const countWhere = (condition: string) =>
    connection.prepare(`SELECT count(*) AS count FROM applications WHERE gid = ? ${condition}`);
  const open = "AND status = 'pending' AND expires_at > ?";
  const over = "AND (status = 'expired' OR (status = 'pending' AND expires_at <= ?))";
  return {
    all: rowsWhere(''),
    pending: rowsWhere(open),
    expired: rowsWhere(over),
    withStatus: rowsWhere('AND status = ?'),
    count: countWhere(''),
    countPending: countWhere(open),
    countExpired: countWhere(over),
    countWithStatus: countWhere('AND status = ?'),
    changes: connection.prepare(
      `SELECT ${COLUMNS} FROM applications WHERE gid = ?1 AND position > CAST(?2 AS INTEGER) ORDER BY applications.position LIMIT ?3`,
    ),
    administered: connection.prepare(
      `SELECT g.gid, g.id FROM members m JOIN groups g ON g.gid = m.gid
       WHERE m.app = ? AND m.user = ? AND m.ended IS NULL AND m.role > 0`,
    ),
    administers: connection.prepare('SELECT 1 FROM members WHERE gid = ? AND user = ? AND role > 0'),
    /** Whether the group ended after a position. An operator's deletion counts, whenever it was. */
    ended: connection.prepare(
      `SELECT 1 FROM groups WHERE app = ?1 AND id = ?2 AND live <> ${LIVE.live} AND position > CAST(?3 AS INTEGER)
       UNION ALL SELECT 1 FROM unusable_groups WHERE app = ?1 AND id = ?2 AND standing <> 'limited'`,
    ),
  };
}

/** Applications to groups, and the number of pending ones. */
export function applications(read: ReadSide) {
  const { groups, texts, now } = read;
  const sql = statements(read);

  /** The live groups that a query is about, the newest first. */
  function groupsOf({ app, groupIds, adminId }: Asked): Group[] {
    const all =
      groupIds === undefined
        ? (sql.administered.all(app, adminId) as Group[])
        : [...new Set(groupIds)].flatMap((id) => liveGroup(app, id, adminId) ?? []);
    return all.sort((a, b) => b.gid - a.gid);
  }

  function liveGroup(app: string, groupId: string, adminId: string | undefined): Group | undefined {
    const group = groups.find(app, groupId);
    if (group?.live !== LIVE.live) return undefined;
    return adminId === undefined || sql.administers.get(group.gid, adminId) !== undefined ? group : undefined;
  }

  function rowsOf(gid: number, below: number, status: ApplicationStatus | undefined, count: number): Row[] {
    if (status === undefined) return sql.all.all(gid, below, count) as Row[];
    if (status === 'pending') return sql.pending.all(gid, below, now(), count) as Row[];
    if (status === 'expired') return sql.expired.all(gid, below, now(), count) as Row[];
    return sql.withStatus.all(gid, below, status, count) as Row[];
  }

  function countOf(gid: number, status: ApplicationStatus | undefined): number {
    const count = (row: unknown) => (row as { readonly count: number }).count;
    if (status === undefined) return count(sql.count.get(gid));
    if (status === 'pending') return count(sql.countPending.get(gid, now()));
    if (status === 'expired') return count(sql.countExpired.get(gid, now()));
    return count(sql.countWithStatus.get(gid, status));
  }

  const named = ({ id }: Group, rows: readonly Omit<Row, 'group_id'>[]): Row[] =>
    rows.map((row) => ({ ...row, group_id: id }));

  const view = (row: Row): ApplicationView => ({
    groupId: row.group_id,
    applicationId: String(row.number),
    userId: row.user,
    reason: texts.open(row.reason),
    status: row.status === 'pending' && row.expires_at <= now() ? 'expired' : row.status,
    appliedAt: isoTime(row.applied_at),
    expiresAt: isoTime(row.expires_at),
    updatedAt: isoTime(row.updated_at),
    ...(row.handled_by === null ? {} : { handledBy: row.handled_by }),
  });

  /** Group by group, so that a page reads few rows, however many there are. */
  function page({ query }: { query: QueryData<'applications'> }, after: readonly unknown[] | undefined, limit: number) {
    const begin = after === undefined ? END : groups.gidOf(query.app, after[0]);
    const rows: Row[] = [];
    for (const group of groupsOf(query)) {
      if (group.gid > begin || rows.length >= limit) continue;
      const below = after !== undefined && group.gid === begin ? Number(after[1]) : END;
      rows.push(...named(group, rowsOf(group.gid, below, query.status, limit - rows.length)));
    }
    return rows;
  }

  return {
    applications: read.lists.overGroups<'applications', Row>({
      name: 'applications',
      entries: 'applications',
      of: ({ groupIds = [], adminId = '', status = '' }) => [...groupIds, adminId, status],
      rows: page,
      key: ['string', 'number'],
      keyOf: ({ group_id, number }) => [group_id, number],
      view,
      mirror: {
        total: ({ query }) => groupsOf(query).reduce((sum, { gid }) => sum + countOf(gid, query.status), 0),
        // Entries leave the list with their group only, or when the user's role changes. Then the whole list is needed.
        knows: ({ query: { app, groupIds = [], adminId } }, since: Position) =>
          adminId === undefined &&
          !texts.erasedAfter(app, since) &&
          groupIds.every((id) => sql.ended.get(app, id, since) === undefined),
        changes: ({ query }, since: Position, limit) =>
          groupsOf(query)
            .flatMap((group) => named(group, sql.changes.all(group.gid, since, limit) as Row[]))
            .sort((a, b) => comparePositions(a.position, b.position))
            .slice(0, limit),
        isRemoved: () => false,
        idOf: ({ group_id, user }) => JSON.stringify([group_id, user]),
        stepOf: ({ position }) => position,
      },
    }),

    applicationCount: (query: QueryData<'applicationCount'>): QueryAnswers['applicationCount'] => ({
      count: groupsOf(query).reduce((sum, { gid }) => sum + countOf(gid, 'pending'), 0),
    }),
  };
}
