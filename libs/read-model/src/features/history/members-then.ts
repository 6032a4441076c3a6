import type { MemberThen } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { isoTime, type GroupRecord } from '../../tables/group-reader';
import { ROLE_NAMES } from '../../tables/members';
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

/** Members of a group after a revision, from the memberships that go on and those that are over. */
export function membersThen({ connection }: ReadSide) {
  const role = `
    coalesce((SELECT r.role FROM role_changes r WHERE r.gid = m.gid AND r.user = m.user AND r.seq BETWEEN m.seq AND ?2
      ORDER BY r.seq DESC LIMIT 1), 0) AS role`;
  const horizon = connection.prepare(
    'SELECT seq FROM past_members WHERE gid = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ?',
  );
  const part = (table: string, condition = '') =>
    connection.prepare(
      `SELECT m.seq, m.user, m.joined_at, m.via, m.brought_by, ${role} FROM ${table} m
       WHERE m.gid = ?1 AND m.seq > ?3 AND m.seq <= ?4 ${condition} ORDER BY m.seq LIMIT ?5`,
    );
  const parts = [part('members'), part('past_members', 'AND m.left_seq > ?2')];

  return {
    /** At most `count` members after a revision, from a place on, in the order they joined; and the place of the next page. */
    membersThen(
      { gid }: GroupRecord,
      revision: number,
      after: number,
      count: number,
    ): { readonly members: MemberThen[]; readonly places: number[]; readonly next: number | undefined } {
      const then = lastSeqOf(revision);
      const beyond = (horizon.get(gid, after, PAST_PER_PAGE - 1) as { seq: number } | undefined)?.seq;
      const until = beyond === undefined ? then : Math.min(beyond, then);
      const rows = parts.flatMap((select) => select.all(gid, then, after, until, count + 1) as Then[]);
      rows.sort((a, b) => a.seq - b.seq);
      const shown = rows.slice(0, count);
      const rest = until < then ? until : undefined;
      return {
        members: shown.map(view),
        places: shown.map(({ seq }) => seq),
        next: rows.length > count ? shown.at(-1)!.seq : rest,
      };
    },
  };
}
