import type { ExpiryKind } from '@cohort/contracts';
import type { ReadFeature, ReadSide } from '../feature';
import { isoTime } from '../tables/group-reader';

interface Expiry {
  readonly group: string;
  readonly kind: ExpiryKind;
  readonly id: string;
  readonly until: number;
}

function expiriesOf({ connection, groups, lists }: ReadSide) {
  const rows = connection.prepare(
    `SELECT g.id AS "group", e.kind, e.id, e.until FROM expiries e JOIN groups g ON g.gid = e.gid AND g.live = 1
     WHERE e.app = ? AND (e.until, e.gid, e.kind, e.id) > (?, ?, ?, ?)
     ORDER BY e.until, e.gid, e.kind, e.id LIMIT ?`,
  );
  return lists.overGroups<'expiries', Expiry>({
    name: 'expiries',
    entries: 'expiries',
    of: () => [],
    rows: ({ query: { app } }, after, count) => {
      const [until, group, kind, id] = after ?? [];
      const from = after === undefined ? [-1, 0, '', ''] : [until, groups.gidOf(app, group), kind, id];
      return rows.all(app, ...from, count) as Expiry[];
    },
    key: ['number', 'string', 'string', 'string'],
    keyOf: ({ until, group, kind, id }) => [until, group, kind, id],
    view: ({ group, kind, id, until }) => ({ groupId: group, kind, id, endsAt: isoTime(until) }),
  });
}

/** What ends by itself, of all features. The features write the rows. */
export const expiries = {
  name: 'expiries',
  open: ({ read }) => ({ queries: { expiries: expiriesOf(read) } }),
} satisfies ReadFeature;
