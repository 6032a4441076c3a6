import type { ReadSide } from '../../feature';

interface Row {
  readonly gid: number;
  readonly id: string;
}

/** The groups in which a user has a pending application or invitation, the oldest first. Group by group, each is found by an index. */
export function openRequests({ connection, groups, lists }: ReadSide) {
  const next = (table: string, user: string) =>
    connection.prepare(
      `SELECT min(gid) AS gid FROM ${table} WHERE app = ? AND ${user} = ? AND status = 'pending' AND gid > ?`,
    );
  const parts = [next('applications', 'user'), next('invitations', 'user'), next('invitations', 'inviter')];
  const live = connection.prepare('SELECT gid, id FROM groups WHERE gid = ? AND live = 1');

  /** The first group after `gid` with something pending, live or not. */
  function nextGroup(app: string, userId: string, gid: number): number | undefined {
    const found = parts.map((select) => (select.get(app, userId, gid) as { readonly gid: number | null }).gid);
    const gids = found.filter((one) => one !== null);
    return gids.length === 0 ? undefined : Math.min(...gids);
  }

  return lists.overGroups<'openRequests', Row>({
    name: 'openRequests',
    entries: 'groups',
    of: ({ userId }) => [userId],
    rows: ({ query: { app, userId } }, after, count) => {
      const rows: Row[] = [];
      let gid = after === undefined ? 0 : groups.gidOf(app, after[0]);
      for (let one = nextGroup(app, userId, gid); one !== undefined && rows.length < count;) {
        const group = live.get(one) as Row | undefined;
        if (group !== undefined) rows.push(group);
        gid = one;
        one = nextGroup(app, userId, gid);
      }
      return rows;
    },
    key: ['string'],
    keyOf: ({ id }) => [id],
    view: ({ id }) => ({ groupId: id }),
  });
}
