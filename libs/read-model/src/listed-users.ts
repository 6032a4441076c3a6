import type { ReadSide } from './feature';
import type { GroupRecord } from './tables/group-reader';
import type { ListNumber } from './tables/listed-users';
import { lastSeqOf, revisionOf } from './tables/places';

/** An entry of a list of users; the times are in milliseconds since 1970. */
export interface ListedUser {
  readonly user: string;
  readonly listed_at: number;
  readonly until: number;
}

/** An entry that changed, and the place of that. */
export interface ListedUserChange extends ListedUser {
  readonly place: number;
  readonly gone: 0 | 1;
}

/** The parts of a declared list that all lists of users share; they are in the order of the users' ids. */
export function listedUsers({ connection, now }: ReadSide, list: ListNumber) {
  const page = connection.prepare(
    `SELECT user, listed_at, until FROM listed_users
     WHERE gid = ? AND list = ${list} AND gone = 0 AND user > ? AND until > ? ORDER BY user LIMIT ?`,
  );
  // An entry that has ended by itself is no longer on the list, also before the event that says so.
  const changes = connection.prepare(
    `SELECT user, listed_at, until, place, gone OR until <= ?4 AS gone FROM listed_users
     WHERE gid = ?1 AND list = ${list} AND place > ?2 ORDER BY place, user LIMIT ?3`,
  );
  const sizes = connection.prepare(`SELECT size, log_from FROM list_sizes WHERE gid = ? AND list = ${list}`);
  const ended = connection.prepare(
    `SELECT count(*) AS count FROM listed_users
     WHERE gid = ? AND list = ${list} AND gone = 0 AND until < ${Number.MAX_SAFE_INTEGER} AND until <= ?`,
  );
  const sizesOf = (gid: number) =>
    (sizes.get(gid) as { size: number; log_from: number } | undefined) ?? { size: 0, log_from: 0 };

  type At = { readonly at: GroupRecord };
  return {
    rows: ({ at: { gid } }: At, after: readonly (string | number)[] | undefined, limit: number) =>
      page.all(gid, after?.[0] ?? '', now(), limit) as ListedUser[],
    key: ['string'] as const,
    keyOf: ({ user }: ListedUser) => [user],
    mirror: {
      total: ({ at: { gid } }: At) => sizesOf(gid).size - (ended.get(gid, now()) as { count: number }).count,
      knows: ({ at: { gid } }: At, since: string) => Number(since) >= sizesOf(gid).log_from,
      changes: ({ at: { gid } }: At, since: string, limit: number) =>
        changes.all(gid, lastSeqOf(Number(since)), limit, now()) as ListedUserChange[],
      isRemoved: ({ gone }: ListedUserChange) => gone === 1,
      idOf: ({ user }: ListedUserChange) => user,
      stepOf: ({ place }: ListedUserChange) => String(revisionOf(place)),
    },
  };
}
