import type { InvitationStatus, InvitationView, Position, QueryData } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { isoTime } from '../../tables/group-reader';

interface Row {
  readonly gid: number;
  readonly group_id: string;
  readonly user: string;
  readonly inviter: string;
  readonly number: number;
  readonly status: InvitationStatus;
  readonly reason: string | null;
  readonly invited_at: number;
  readonly expires_at: number;
  readonly updated_at: number;
  readonly position: string;
}

type Asked = { readonly query: QueryData<'invitations'> };

const COLUMNS = `i.gid, g.id AS group_id, i.user, i.inviter, i.number, i.status, i.reason, i.invited_at, i.expires_at,
  i.updated_at, CAST(i.position AS TEXT) AS position`;
const FROM = 'FROM invitations i JOIN groups g ON g.gid = i.gid AND g.live = 1';
/** The status as it is shown: what has run out is expired, whether or not that is announced. */
const SHOWN = "CASE WHEN i.status = 'pending' AND i.expires_at <= @now THEN 'expired' ELSE i.status END";
/** Above every number. */
const END = Number.MAX_SAFE_INTEGER;

function statements({ connection }: ReadSide) {
  const withStatus = `(@status IS NULL OR ${SHOWN} = @status)`;
  return {
    ofGroup: connection.prepare(
      `SELECT ${COLUMNS} ${FROM} WHERE i.gid = @gid AND i.number < @number AND ${withStatus}
       ORDER BY i.number DESC LIMIT @limit`,
    ),
    ofUser: connection.prepare(
      `SELECT ${COLUMNS} ${FROM} WHERE i.app = @app AND i.user = @user
         AND (i.invited_at, i.gid, i.number) < (@at, @gid, @number) AND ${withStatus}
       ORDER BY i.invited_at DESC, i.gid DESC, i.number DESC LIMIT @limit`,
    ),
    countOfGroup: connection.prepare(`SELECT count(*) AS count ${FROM} WHERE i.gid = @gid AND ${withStatus}`),
    countOfUser: connection.prepare(
      `SELECT count(*) AS count ${FROM} WHERE i.app = @app AND i.user = @user AND ${withStatus}`,
    ),
    changesOfGroup: connection.prepare(
      `SELECT ${COLUMNS} ${FROM} WHERE i.gid = @gid AND i.position > CAST(@since AS INTEGER)
       ORDER BY i.position LIMIT @limit`,
    ),
    changesOfUser: connection.prepare(
      `SELECT ${COLUMNS} ${FROM} WHERE i.app = @app AND i.user = @user AND i.position > CAST(@since AS INTEGER)
       ORDER BY i.position LIMIT @limit`,
    ),
    /** Whether groups that invited the user have ended since, or were erased. */
    lost: connection.prepare(
      `SELECT 1 FROM invitations i JOIN groups g ON g.gid = i.gid
       WHERE i.app = @app AND i.user = @user AND g.live <> 1 AND g.position > CAST(@since AS INTEGER)
       UNION ALL
       SELECT 1 FROM erased_invitations e WHERE e.app = @app AND e.user = @user AND e.position > CAST(@since AS INTEGER)`,
    ),
  };
}

/** Invitations of a group, or to a user. */
export function invitations(read: ReadSide) {
  const { groups, texts, now } = read;
  const sql = statements(read);

  /** What a query is about: throws if that is a group that doesn't live. */
  const scopeOf = ({ app, groupId, userId = '', status }: QueryData<'invitations'>) => ({
    ...(groupId === undefined ? { app, user: userId } : { gid: groups.live(app, groupId).gid }),
    ...{ status: status ?? null, now: now() },
  });

  const view = (row: Row): InvitationView => ({
    groupId: row.group_id,
    invitationId: String(row.number),
    userId: row.user,
    inviter: row.inviter,
    reason: texts.open(row.reason),
    status: row.status === 'pending' && row.expires_at <= now() ? 'expired' : row.status,
    invitedAt: isoTime(row.invited_at),
    expiresAt: isoTime(row.expires_at),
    updatedAt: isoTime(row.updated_at),
  });

  function page({ query }: Asked, after: readonly unknown[] | undefined, limit: number): Row[] {
    const { app, groupId } = query;
    const number = after === undefined ? END : Number(after[2]);
    if (groupId !== undefined) return sql.ofGroup.all({ ...scopeOf(query), number, limit }) as Row[];
    const [at, gid] = after === undefined ? [END, END] : [Number(after[0]), groups.gidOf(app, after[1])];
    return sql.ofUser.all({ ...scopeOf(query), at, gid, number, limit }) as Row[];
  }

  return {
    invitations: read.lists.overGroups<'invitations', Row>({
      name: 'invitations',
      entries: 'invitations',
      of: ({ groupId = '', userId = '', status = '' }) => [groupId, userId, status],
      rows: page,
      key: ['number', 'string', 'number'],
      keyOf: ({ invited_at, group_id, number }) => [invited_at, group_id, number],
      view,
      mirror: {
        total: ({ query }) => {
          const count = query.groupId === undefined ? sql.countOfUser : sql.countOfGroup;
          return (count.get(scopeOf(query)) as { readonly count: number }).count;
        },
        // Entries leave the list with their group only. Then the whole list is needed.
        knows: ({ query: { app, groupId, userId } }, since: Position) =>
          !texts.erasedAfter(app, since) &&
          (groupId !== undefined || sql.lost.get({ app, user: userId, since }) === undefined),
        changes: ({ query }, since: Position, limit) => {
          const changes = query.groupId === undefined ? sql.changesOfUser : sql.changesOfGroup;
          return changes.all({ ...scopeOf(query), since, limit }) as Row[];
        },
        isRemoved: () => false,
        idOf: ({ group_id, user, inviter }) => JSON.stringify([group_id, user, inviter]),
        stepOf: ({ position }) => position,
      },
    }),
  };
}
