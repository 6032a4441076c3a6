import { MAX_MEMBERS_PER_EVENT, type GroupEvent, type GroupEventData, type JoinVia } from '@cohort/contracts';
import type { LiveGroup } from './state';

/** Users in portions that fit into one event each (500 of the longest ids are below 256 KiB of JSON). */
function portions(userIds: readonly string[]): string[][] {
  const count = Math.ceil(userIds.length / MAX_MEMBERS_PER_EVENT);
  return Array.from({ length: count }, (_, i) =>
    userIds.slice(i * MAX_MEMBERS_PER_EVENT, (i + 1) * MAX_MEMBERS_PER_EVENT),
  );
}

/** Those of the users who aren't members yet. */
export const strangers = (group: LiveGroup, userIds: readonly string[]): string[] =>
  userIds.filter((userId) => !group.members.has(userId));

/** Those of the users who are members. */
export const present = (group: LiveGroup, userIds: readonly string[]): string[] =>
  userIds.filter((userId) => group.members.has(userId));

const numbered = (sync: number | undefined): { sync?: number } => (sync === undefined ? {} : { sync });

/** The users, none of them a member yet, come into a group of `count` members. */
export function join(userIds: readonly string[], via: JoinVia, count: number, sync?: number): GroupEvent[] {
  let memberCount = count;
  return portions(userIds).map((portion) => {
    memberCount += portion.length;
    const members = portion.map((userId) => ({ userId }));
    return { type: 'memberJoined', data: { members, via, memberCount, ...numbered(sync) } };
  });
}

/** The users, all of them members, go from a group of `count` members. */
export function go(
  type: 'memberLeft' | 'memberKicked',
  userIds: readonly string[],
  count: number,
  sync?: number,
): GroupEvent[] {
  let memberCount = count;
  return portions(userIds).map((portion) => {
    memberCount -= portion.length;
    const members = portion.map((userId) => ({ userId }));
    return { type, data: { members, memberCount, ...numbered(sync) } };
  });
}

/** A new group: its owner, then the other first members. */
export function found(
  group: Omit<GroupEventData['created'], 'memberCount'>,
  others: readonly string[],
): readonly GroupEvent[] {
  return [{ type: 'created', data: { ...group, memberCount: 1 } }, ...join(others, 'create', 1, group.sync)];
}
