import type { ExportedMembership, MembershipStatus } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { extraTexts } from '../../tables/extra';
import { isoTime } from '../../tables/group-reader';
import { ROLE_NAMES } from '../../tables/members';
import { FIRST_ROLE } from '../../tables/memberships';

interface Row {
  readonly gid: number;
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly status: MembershipStatus;
  readonly role: 0 | 1 | 2;
  readonly joined_at: number;
  readonly via: string;
  readonly brought_by: string | null;
  readonly ended_at: number | null;
  readonly display_name: string | null;
  readonly mute: number | null;
  readonly push: number | null;
  readonly extra: string | null;
}

/** Above every key. */
const END = Number.MAX_SAFE_INTEGER;

/** The latest joined first. */
const byJoin = (a: Row, b: Row): number => b.joined_at - a.joined_at || b.gid - a.gid || b.seq - a.seq;

/** Memberships of a user, from the rows of those that go on, of those that ended with their group, and of those that are over. */
export function exported({ connection, groups, lists, texts }: ReadSide) {
  const common = 'm.gid, m.seq, g.id, g.name, m.joined_at, m.via, m.brought_by';
  // Nobody sees a group that is being imported, and a damaged one can't be used.
  const seen = 'JOIN groups g ON g.gid = m.gid AND g.live < 2';
  const kept = `m.role, m.name AS display_name, m.mute, m.push, m.extra`;
  const ofUser = 'm.app = ?1 AND m.user = ?2 AND (m.joined_at, m.gid) <= (?3, ?4)';
  // A user has one row among the members of a group.
  const before = `${ofUser} AND (m.joined_at < ?3 OR m.gid < ?4 OR m.seq < ?5)`;
  const inOrder = 'ORDER BY m.joined_at DESC, m.gid DESC';
  const parts = [
    `SELECT ${common}, 'current' AS status, NULL AS ended_at, ${kept} FROM members m ${seen}
     WHERE m.ended IS NULL AND ${before} ${inOrder} LIMIT ?6`,
    `SELECT ${common}, 'dismissed' AS status, g.updated_at AS ended_at, ${kept} FROM members m ${seen}
     WHERE m.ended IS NOT NULL AND ${before} ${inOrder} LIMIT ?6`,
    `SELECT ${common}, 'left' AS status, m.left_at AS ended_at,
       coalesce((SELECT r.role FROM role_changes r WHERE r.gid = m.gid AND r.user = m.user AND r.seq BETWEEN m.seq AND m.left_seq
         ORDER BY r.seq DESC LIMIT 1), ${FIRST_ROLE}) AS role
     FROM past_members m ${seen} WHERE ${before} ${inOrder}, m.seq DESC LIMIT ?6`,
  ].map((sql) => connection.prepare(sql));

  const ofMember = ({ display_name, mute, push, extra }: Row) => ({
    displayName: texts.open(display_name),
    muteMode: mute ?? 0,
    pushMode: push ?? 0,
    extra: extraTexts(texts, extra),
  });
  const view = (row: Row): ExportedMembership => ({
    groupId: row.id,
    name: row.name,
    status: row.status,
    role: ROLE_NAMES[row.role],
    joinedAt: isoTime(row.joined_at),
    joinedVia: row.via,
    ...(row.brought_by === null ? {} : { joinedBy: row.brought_by }),
    ...(row.ended_at === null ? {} : { endedAt: isoTime(row.ended_at) }),
    ...(row.status === 'left' ? {} : ofMember(row)),
  });

  return lists.overGroups<'exportUser', Row>({
    name: 'exportUser',
    entries: 'memberships',
    of: ({ userId }) => [userId],
    rows: ({ query: { app, userId } }, after, count) => {
      const place =
        after === undefined ? [END, END, END] : [after[0], groups.gidOf(app, after[1]), after[2]].map(Number);
      const rows = parts.flatMap((select) => select.all(app, userId, ...place, count) as Row[]);
      return rows.sort(byJoin).slice(0, count);
    },
    key: ['number', 'string', 'number'],
    keyOf: ({ joined_at, id, seq }) => [joined_at, id, seq],
    view,
  });
}
