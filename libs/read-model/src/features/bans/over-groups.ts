import type { ReadSide } from '../../feature';
import { isoTime } from '../../tables/group-reader';
import { LIVE } from '../../tables/groups';
import { LISTS, NEVER } from '../../tables/listed-users';
import type { Tables } from '../../tables/schema';

/** Few of a tenant's groups are banned, so those have an index. Banned users have one in `ban-everywhere`. */
export const BANNED_GROUPS: Tables = {
  sql: '',
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS banned_groups_by_app ON groups (app, gid) WHERE live = ${LIVE.live} AND all_banned > 0;
  `,
  order: {},
};

interface UserRow {
  readonly user: string;
  readonly until: number;
  readonly listed_at: number;
}

interface GroupRow {
  readonly group: string;
  readonly until: number;
}

const ending = (until: number): { until?: string } => (until === NEVER ? {} : { until: isoTime(until) });

/** The lists of banned users and banned groups of a tenant. */
export function overGroups({ connection, groups, lists, now }: ReadSide) {
  // By the index of banned users, of all tenants: their order is that of the list, so nothing is sorted.
  const users = connection.prepare(
    `SELECT b.user, MAX(b.until) AS until, MIN(b.listed_at) AS listed_at
     FROM listed_users b CROSS JOIN groups g ON g.gid = b.gid
     WHERE b.list = ${LISTS.banned} AND b.gone = 0 AND b.user > ? AND b.until > ? AND g.app = ? AND g.live = ${LIVE.live}
     GROUP BY b.user ORDER BY b.user LIMIT ?`,
  );
  const banned = connection.prepare(
    `SELECT g.id AS "group", g.all_banned AS until FROM groups g
     WHERE g.app = ? AND g.live = ${LIVE.live} AND g.all_banned > 0 AND g.all_banned > ? AND g.gid > ?
     ORDER BY g.gid LIMIT ?`,
  );
  return {
    bannedUsers: lists.overGroups<'bannedUsers', UserRow>({
      name: 'bannedUsers',
      entries: 'users',
      of: () => [],
      rows: ({ query: { app } }, after, count) => users.all(after?.[0] ?? '', now(), app, count) as UserRow[],
      key: ['string'],
      keyOf: ({ user }) => [user],
      view: ({ user, until, listed_at }) => ({ userId: user, ...ending(until), bannedAt: isoTime(listed_at) }),
    }),

    bannedGroups: lists.overGroups<'bannedGroups', GroupRow>({
      name: 'bannedGroups',
      entries: 'groups',
      of: () => [],
      rows: ({ query: { app } }, after, count) =>
        banned.all(app, now(), after === undefined ? 0 : groups.gidOf(app, after[0]), count) as GroupRow[],
      key: ['string'],
      keyOf: ({ group }) => [group],
      view: ({ group, until }) => ({ groupId: group, ...ending(until) }),
    }),
  };
}
