import type { MemberThen, Role } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { isoTime, type GroupRecord } from '../../tables/group-reader';
import { ROLE_NAMES, ROLE_NUMBERS } from '../../tables/members';
import { FIRST_ROLE } from '../../tables/memberships';
import { lastSeqOf } from '../../tables/places';

/** Most memberships that are over and looked at for one page: few or none of them may have been going on then. */
const PAST_PER_PAGE = 10_000;

interface Then {
  readonly seq: number;
  readonly user: string;
  readonly joined_at: number;
  readonly via: MemberThen['joinedVia'];
  readonly brought_by: string | null;
  readonly role: 0 | 1 | 2;
}

const view = ({ user, role, joined_at, via, brought_by }: Then): MemberThen => ({
  userId: user,
  role: ROLE_NAMES[role],
  joinedAt: isoTime(joined_at),
  joinedVia: via,
  ...(brought_by === null ? {} : { joinedBy: brought_by }),
});

interface MembersPage {
  readonly members: MemberThen[];
  readonly places: number[];
  readonly next: number | undefined;
}

/** @param rest the place of the next page if all rows fit into this one */
function pageOf(rows: readonly Then[], count: number, rest?: number): MembersPage {
  const shown = rows.slice(0, count);
  return {
    members: shown.map(view),
    places: shown.map(({ seq }) => seq),
    next: rows.length > count ? shown.at(-1)!.seq : rest,
  };
}

/** Members of a group after a revision, from the memberships that go on and those that are over. */
export function membersThen({ connection }: ReadSide) {
  const roleThen = `
    coalesce((SELECT r.role FROM role_changes r WHERE r.gid = m.gid AND r.user = m.user AND r.seq BETWEEN m.seq AND ?2
      ORDER BY r.seq DESC LIMIT 1), ${FIRST_ROLE})`;
  const role = `${roleThen} AS role`;
  const horizon = connection.prepare(
    'SELECT seq FROM past_members WHERE gid = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ?',
  );
  const part = (table: string, condition = '') =>
    connection.prepare(
      `SELECT m.seq, m.user, m.joined_at, m.via, m.brought_by, ${role} FROM ${table} m
       WHERE m.gid = ?1 AND m.seq > ?3 AND m.seq <= ?4 ${condition} ORDER BY m.seq LIMIT ?5`,
    );
  const partsWhere = (condition: string) => [
    part('members', condition),
    part('past_members', `AND m.left_seq > ?2 ${condition}`),
  ];
  const [parts, plainParts] = [partsWhere(''), partsWhere(`AND ${roleThen} = 0`)];
  /** Few users have ever had a role: they are read by the changes of roles, and all at once, with the creator. */
  const ranked = (table: string, condition = '') =>
    [
      `role_changes c JOIN ${table} m ON m.gid = c.gid AND m.user = c.user
       WHERE c.gid = ?1 AND c.seq <= ?2 AND c.role > 0 AND m.seq <= ?2`,
      `${table} m WHERE m.gid = ?1 AND m.seq = 0`,
    ].map((from) =>
      connection.prepare(`SELECT m.seq, m.user, m.joined_at, m.via, m.brought_by, ${role} FROM ${from} ${condition}`),
    );
  const rankedParts = [...ranked('members'), ...ranked('past_members', 'AND m.left_seq > ?2')];

  /** The owner and the admins after a revision, in the order they joined. */
  function withRoles({ gid }: GroupRecord, revision: number): Then[] {
    const rows = rankedParts.flatMap((select) => select.all(gid, lastSeqOf(revision)) as Then[]);
    const bySeq = new Map(rows.filter((row) => row.role > 0).map((row) => [row.seq, row]));
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  return {
    /** At most `count` members after a revision, from a place on, in the order they joined; and the place of the next page. */
    membersThen(group: GroupRecord, revision: number, after: number, count: number, role?: Role): MembersPage {
      if (role === 'owner' || role === 'admin') {
        const rows = withRoles(group, revision).filter((row) => row.role === ROLE_NUMBERS[role] && row.seq > after);
        return pageOf(rows, count);
      }
      const { gid } = group;
      const then = lastSeqOf(revision);
      const beyond = (horizon.get(gid, after, PAST_PER_PAGE - 1) as { seq: number } | undefined)?.seq;
      const until = beyond === undefined ? then : Math.min(beyond, then);
      const of = role === undefined ? parts : plainParts;
      const rows = of.flatMap((select) => select.all(gid, then, after, until, count + 1) as Then[]);
      rows.sort((a, b) => a.seq - b.seq);
      return pageOf(rows, count, until < then ? until : undefined);
    },

    /** Members with this role after a revision, of so many members. */
    countThen(group: GroupRecord, revision: number, role: Role, members: number): number {
      const rows = withRoles(group, revision);
      return role === 'member' ? members - rows.length : rows.filter((row) => row.role === ROLE_NUMBERS[role]).length;
    },
  };
}
