import type { ReadSide } from '../../feature';
import { listedUsers, type ListedUser, type ListedUserChange } from '../../listed-users';
import { isoTime } from '../../tables/group-reader';
import { LISTS, NEVER } from '../../tables/listed-users';

/** The lists of banned users and of members that may speak during a ban-all. */
export const lists = (read: ReadSide) => ({
  banned: read.lists.ofGroup<'banned', ListedUser, ListedUserChange>({
    name: 'banned',
    entries: 'banned',
    of: ({ groupId }) => [groupId],
    view: ({ user, until, listed_at }) => ({
      userId: user,
      ...(until === NEVER ? {} : { until: isoTime(until) }),
      bannedAt: isoTime(listed_at),
    }),
    ...listedUsers(read, LISTS.banned),
  }),

  allowList: read.lists.ofGroup<'allowList', ListedUser, ListedUserChange>({
    name: 'allowList',
    entries: 'members',
    of: ({ groupId }) => [groupId],
    view: ({ user, listed_at }) => ({ userId: user, allowedAt: isoTime(listed_at) }),
    ...listedUsers(read, LISTS.allowed),
  }),
});
