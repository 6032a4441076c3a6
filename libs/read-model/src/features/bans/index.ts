import { isId, type EventMember } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, WriteSide } from '../../feature';
import { hotCheck } from '../../hot';
import type { GroupRow } from '../../tables/groups';
import { ListedUsers, LISTS, NEVER, type ListNumber } from '../../tables/listed-users';
import { PendingGroups } from '../../tables/pending-groups';
import { UserCache } from '../../user-cache';
import { canSpeak, type Speech } from './can-speak';
import { lists } from './lists';
import { BANNED_GROUPS, overGroups } from './over-groups';

/** Answers of `canSpeak` kept in memory. */
const CACHED_SPEECHES = 200_000;

const endOf = (until: string | undefined): number => (until === undefined ? NEVER : Date.parse(until));

interface Parts {
  readonly write: WriteSide;
  readonly banned: ListedUsers;
  readonly allowed: ListedUsers;
  /** The groups with banned users. */
  readonly withBanned: PendingGroups;
  /** The groups with users on their allow-lists. */
  readonly withAllowed: PendingGroups;
  readonly cache: UserCache<Speech>;
}

function handlers({ write, banned, withBanned, allowed, withAllowed, cache }: Parts): GroupHandlers {
  const { expiries, afterCommit } = write;
  const each = (
    list: ListedUsers,
    group: GroupRow,
    users: readonly EventMember[],
    apply: (userId: string, index: number) => void,
  ) => {
    users.forEach(({ userId }, index) => apply(userId, index));
    list.trim(group);
    const { stream } = group;
    if (cache.has(stream)) afterCommit.add(() => users.forEach(({ userId }) => cache.drop(stream, userId)));
  };
  const setBanAll = (group: GroupRow, end: number) => {
    group.all_banned = end;
    if (end === 0 || end === NEVER) expiries.clear(group, 'banAll', '');
    else expiries.set(group, 'banAll', '', end);
    const { stream } = group;
    if (cache.has(stream)) afterCommit.add(() => cache.forget(stream));
  };

  return {
    banned: (group, { users, until }) => {
      const end = endOf(until);
      each(banned, group, users, (userId, index) => {
        withBanned.add(group);
        banned.put(group, index, userId, end);
        if (end === NEVER) expiries.clear(group, 'ban', userId);
        else expiries.set(group, 'ban', userId, end);
      });
    },
    unbanned: (group, { users }) =>
      each(banned, group, users, (userId, index) => {
        banned.remove(group, index, userId);
        expiries.clear(group, 'ban', userId);
      }),
    allBanned: (group, { until }) => setBanAll(group, endOf(until)),
    allUnbanned: (group) => setBanAll(group, 0),
    allowListed: (group, { users }) =>
      each(allowed, group, users, (userId, index) => {
        withAllowed.add(group);
        allowed.put(group, index, userId);
      }),
    allowListRemoved: (group, { users }) =>
      each(allowed, group, users, (userId, index) => allowed.remove(group, index, userId)),
  };
}

/**
 * Members that leave go from the allow-list. The entry of a banned user changes with their membership and their name, which
 * dialects show beside it. The cache keeps what the commits make of members.
 */
function follow({ write: { members, afterCommit }, banned, withBanned, allowed, withAllowed, cache }: Parts): void {
  const changes = (group: GroupRow, users: readonly string[]) => {
    if (withBanned.has(group)) users.forEach((user) => banned.touch(group, user));
  };
  const forget = ({ stream }: GroupRow) => {
    if (cache.has(stream)) afterCommit.add(() => cache.forget(stream));
  };
  members.observe({
    changed: (group, users, role) => {
      changes(group, users);
      if (role === null && withAllowed.has(group)) users.forEach((user) => allowed.remove(group, 0, user));
      // A group that nobody asked about is not in the cache: a rebuild collects nothing.
      const { stream } = group;
      if (cache.has(stream)) afterCommit.add(() => users.forEach((user) => cache.drop(stream, user)));
    },
    renamed: (group, user) => changes(group, [user]),
    turned: forget,
    appeared: forget,
    ended: forget,
  });
}

/** Who may speak. */
export const bans = {
  name: 'bans',
  tables: BANNED_GROUPS,
  hot: { canSpeak: hotCheck({ groupId: isId, userId: isId }, { threadId: isId }) },
  open: ({ write, read, keptChanges }) => {
    const withSome = (list: ListNumber) =>
      new PendingGroups(write.connection, `SELECT gid FROM list_sizes WHERE list = ${list} AND size > 0`);
    const parts: Parts = {
      write,
      banned: new ListedUsers(write.connection, LISTS.banned, keptChanges),
      allowed: new ListedUsers(write.connection, LISTS.allowed, keptChanges),
      withBanned: withSome(LISTS.banned),
      withAllowed: withSome(LISTS.allowed),
      cache: new UserCache(CACHED_SPEECHES),
    };
    follow(parts);
    return {
      group: handlers(parts),
      eraseGroup: (group) => {
        parts.banned.erase(group);
        parts.allowed.erase(group);
      },
      queries: { ...lists(read), ...overGroups(read), canSpeak: canSpeak(read, parts.cache) },
    };
  },
} satisfies ReadFeature;
