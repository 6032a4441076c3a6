import type { GroupHandlers, ReadFeature, ReadSide } from '../feature';
import { listedUsers, type ListedUser, type ListedUserChange } from '../listed-users';
import { isoTime } from '../tables/group-reader';
import { ListedUsers, LISTS } from '../tables/listed-users';

const handlers = (blocked: ListedUsers): GroupHandlers => ({
  blocked: (group, { users }) => {
    users.forEach(({ userId }, index) => blocked.put(group, index, userId));
    blocked.trim(group);
  },
  unblocked: (group, { users }) => {
    users.forEach(({ userId }, index) => blocked.remove(group, index, userId));
    blocked.trim(group);
  },
});

const blockedUsers = (read: ReadSide) =>
  read.lists.ofGroup<'blocked', ListedUser, ListedUserChange>({
    name: 'blocked',
    entries: 'blocked',
    of: ({ groupId }) => [groupId],
    view: ({ user, listed_at }) => ({ userId: user, blockedAt: isoTime(listed_at) }),
    ...listedUsers(read, LISTS.blocked),
  });

/** Users that can't be members. */
export const blocks = {
  name: 'blocks',
  open: ({ write, read, keptChanges }) => {
    const blocked = new ListedUsers(write.connection, LISTS.blocked, keptChanges);
    return {
      group: handlers(blocked),
      eraseGroup: (group) => blocked.erase(group),
      queries: { blocked: blockedUsers(read) },
    };
  },
} satisfies ReadFeature;
