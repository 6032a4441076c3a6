import type { ExportedMembership, QueryAnswers, QueryData } from '@cohort/contracts';
import type { ReadFeature, ReadSide } from '../feature';
import { isoTime } from '../tables/group-reader';
import { extraTexts } from '../tables/extra';
import { ROLE_NAMES } from '../tables/members';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: 0 | 1 | 2;
  readonly joined_at: number;
  readonly via: string;
  readonly brought_by: string | null;
  readonly display_name: string | null;
  readonly mute: number | null;
  readonly push: number | null;
  readonly extra: string | null;
}

/** Above every key. */
const END = Number.MAX_SAFE_INTEGER;

/** What the tables have of one user. */
function exported({ connection, groups, lists, texts }: ReadSide) {
  const select = connection.prepare(
    `SELECT g.id, g.name, m.role, m.joined_at, m.via, m.brought_by, m.name AS display_name, m.mute, m.push, m.extra
     FROM members m JOIN groups g ON g.gid = m.gid
     WHERE m.app = ? AND m.user = ? AND m.ended IS NULL AND g.live = 1 AND (m.joined_at, m.gid) < (?, ?)
     ORDER BY m.joined_at DESC, m.gid DESC LIMIT ?`,
  );
  const view = (row: Row): ExportedMembership => ({
    groupId: row.id,
    name: row.name,
    role: ROLE_NAMES[row.role],
    joinedAt: isoTime(row.joined_at),
    joinedVia: row.via,
    ...(row.brought_by === null ? {} : { joinedBy: row.brought_by }),
    displayName: texts.open(row.display_name),
    muteMode: row.mute ?? 0,
    pushMode: row.push ?? 0,
    extra: extraTexts(texts, row.extra),
  });
  return lists.overGroups<'exportUser', Row>({
    name: 'exportUser',
    entries: 'memberships',
    of: ({ userId }) => [userId],
    rows: ({ query: { app, userId } }, after, count) => {
      const before = after === undefined ? [END, END] : [Number(after[0]), groups.gidOf(app, after[1])];
      return select.all(app, userId, ...before, count) as Row[];
    },
    keyOf: ({ joined_at, id }) => [joined_at, id],
    view,
  });
}

/** Users as a whole. */
export const wholeUser = {
  name: 'whole-user',
  open: ({ read }) => {
    const exportUser: (query: QueryData<'exportUser'>) => QueryAnswers['exportUser'] = exported(read);
    return { queries: { exportUser } };
  },
} satisfies ReadFeature;
