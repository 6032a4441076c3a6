import { isId, type EventMember, type Role } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, WriteSide } from '../../feature';
import { hotCheck } from '../../hot';
import type { GroupRow } from '../../tables/groups';
import { LEFT, LeftTable } from './left';
import { member } from './member';
import { members } from './members';
import { userGroups } from './user-groups';
import { UserCache } from '../../user-cache';

/** Answers of `isMember` kept in memory. */
const CACHED_MEMBERSHIPS = 200_000;

function handlers({ members: table }: WriteSide, left: LeftTable): GroupHandlers {
  function leave(group: GroupRow, users: readonly EventMember[], memberCount: number): void {
    users.forEach(({ userId }, index) => {
      table.remove(group, index, userId);
      left.add(group, index, userId);
    });
    group.member_count = memberCount;
    left.trim(group);
  }

  return {
    memberJoined: (group, data) => {
      const users = data.members.map(({ userId }) => userId);
      table.put(group, users, data);
      group.member_count = data.memberCount;
    },
    memberLeft: (group, data) => leave(group, data.members, data.memberCount),
    memberKicked: (group, data) => leave(group, data.members, data.memberCount),
  };
}

/** Keeps the cache as the commits make the members. */
function follow({ members: table, afterCommit }: WriteSide, cache: UserCache<Role | null>): void {
  const forget = ({ stream }: GroupRow) => {
    if (cache.has(stream)) afterCommit.add(() => cache.forget(stream));
  };
  table.observe({
    // A group that nobody asked about is not in the cache: a rebuild collects nothing.
    changed: ({ stream }, users, role) => {
      if (cache.has(stream)) afterCommit.add(() => users.forEach((user) => cache.update(stream, user, role)));
    },
    appeared: forget,
    ended: forget,
  });
}

/** Users join groups and leave them. */
export const membership = {
  name: 'membership',
  tables: LEFT,
  hot: { isMember: hotCheck({ groupId: isId, userId: isId }) },
  open: ({ write, read, keptChanges }) => {
    const cache = new UserCache<Role | null>(CACHED_MEMBERSHIPS);
    follow(write, cache);
    const left = new LeftTable(write.connection, keptChanges);
    write.groups.observe(left);
    return {
      group: handlers(write, left),
      eraseGroup: (group) => {
        left.erase(group);
        write.members.erase(group);
      },
      queries: { members: members(read), ...member(read, cache), ...userGroups(read) },
    };
  },
} satisfies ReadFeature;
