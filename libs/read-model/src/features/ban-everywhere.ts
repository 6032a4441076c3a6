import type { Owned } from '@cohort/contracts';
import type { ReadFeature, ReadSide, UserBanHandlers, WriteSide } from '../feature';
import { isoTime } from '../tables/group-reader';
import { LIVE } from '../tables/groups';
import { LISTS, NEVER } from '../tables/listed-users';
import type { Tables } from '../tables/schema';

/** `user_bans`: the number of the last request to ban a user in all their groups that was carried out. */
const tables: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS user_bans (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      completed INTEGER NOT NULL,
      PRIMARY KEY (app, user)
    ) STRICT, WITHOUT ROWID;
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS bans_by_user ON listed_users (user, gid) WHERE list = ${LISTS.banned} AND gone = 0;
  `,
  order: { user_bans: 'app, user' },
};

function handlers({ connection }: WriteSide): UserBanHandlers {
  const complete = connection.prepare('INSERT OR REPLACE INTO user_bans (app, user, completed) VALUES (?, ?, ?)');
  return {
    banEverywhereRequested: () => undefined,
    unbanEverywhereRequested: () => undefined,
    banEverywhereCompleted: ({ app, id }, { request }) => void complete.run([app, id, request]),
  };
}

function lookups({ connection }: ReadSide) {
  const select = connection.prepare('SELECT completed FROM user_bans WHERE app = ? AND user = ?');
  return {
    /** The number of the user's last completed ban or unban in all groups; -1 if there is none. */
    completedBan: (app: string, userId: string): number =>
      (select.get(app, userId) as { completed: number } | undefined)?.completed ?? -1,
  };
}

interface Row {
  readonly group: string;
  readonly until: number;
}

function userBans({ connection, groups, lists, now }: ReadSide) {
  const rows = connection.prepare(
    `SELECT g.id AS "group", b.until FROM listed_users b JOIN groups g ON g.gid = b.gid
     WHERE b.user = ? AND b.list = ${LISTS.banned} AND b.gone = 0 AND b.gid > ?
       AND g.app = ? AND g.live = ${LIVE.live} AND b.until > ?
     ORDER BY b.gid LIMIT ?`,
  );
  return lists.overGroups<'userBans', Row>({
    name: 'userBans',
    entries: 'bans',
    of: ({ userId }) => [userId],
    rows: ({ query: { app, userId } }, after, count) =>
      rows.all(userId, after === undefined ? 0 : groups.gidOf(app, after[0]), app, now(), count) as Row[],
    key: ['string'],
    keyOf: ({ group }) => [group],
    view: ({ group, until }) => ({ groupId: group, ...(until === NEVER ? {} : { until: isoTime(until) }) }),
  });
}

/** How far the bans of users in all their groups are. */
export const banEverywhere = {
  name: 'ban-everywhere',
  tables,
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM user_bans WHERE app = ? AND user = ?');
    return {
      userBan: handlers(write),
      eraseUserBan: ({ app, id }: Owned) => void erase.run([app, id]),
      queries: { userBans: userBans(read) },
      lookups: lookups(read),
    };
  },
} satisfies ReadFeature;
