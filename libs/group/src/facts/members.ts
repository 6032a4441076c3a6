import {
  MAX_MEMBERS_PER_EVENT,
  type Actor,
  type EventMember,
  type GroupEvent,
  type GroupEventData,
  type JoinVia,
} from '@cohort/contracts';
import type { LiveGroup } from '../state';

/** Users in portions that fit into one event each (500 of the longest ids are below 256 KiB of JSON). */
export function portions(userIds: readonly string[]): string[][] {
  const count = Math.ceil(userIds.length / MAX_MEMBERS_PER_EVENT);
  return Array.from({ length: count }, (_, i) =>
    userIds.slice(i * MAX_MEMBERS_PER_EVENT, (i + 1) * MAX_MEMBERS_PER_EVENT),
  );
}

/** Users as events name them, in portions that fit into one event each. */
export const usersOfEvents = (userIds: readonly string[]): EventMember[][] =>
  portions(userIds).map((portion) => portion.map((userId) => ({ userId })));

/** Events that say nothing but whom they are about. */
export const usersNamed = (
  type: 'allowListed' | 'allowListRemoved' | 'blocked' | 'unblocked',
  userIds: readonly string[],
): GroupEvent[] => usersOfEvents(userIds).map((users) => ({ type, data: { users } }));

/** Those of the users that are members. */
export const membersAmong = ({ membership }: LiveGroup, userIds: readonly string[]): string[] =>
  userIds.filter((userId) => membership.members.has(userId));

/** Those of the users that aren't members. */
export const strangersAmong = ({ membership }: LiveGroup, userIds: readonly string[]): string[] =>
  userIds.filter((userId) => !membership.members.has(userId));

export const memberCount = ({ membership }: LiveGroup): number => membership.members.size;

const numbered = (sync: number | undefined): { sync?: number } => (sync === undefined ? {} : { sync });

/** The users, none of them a member yet, join a group of `count` members. `by`: the user who brought them in. */
export function membersJoined(
  userIds: readonly string[],
  via: JoinVia,
  count: number,
  { by, sync }: { readonly by?: string | undefined; readonly sync?: number | undefined } = {},
): GroupEvent[] {
  let memberCount = count;
  return portions(userIds).map((portion) => {
    memberCount += portion.length;
    const members = portion.map((userId) => ({ userId }));
    const data = { members, via, ...(by === undefined ? {} : { by }), memberCount, ...numbered(sync) };
    return { type: 'memberJoined', data };
  });
}

/** The acting user; undefined for a service. */
export const actingUser = (actor: Actor): string | undefined => (actor.type === 'user' ? actor.id : undefined);

/** The users, all of them members, leave a group of `count` members, or are kicked. */
export function membersGone(
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
export function groupCreated(
  group: Omit<GroupEventData['created'], 'memberCount'>,
  others: readonly string[],
): readonly GroupEvent[] {
  return [
    { type: 'created', data: { ...group, memberCount: 1 } },
    ...membersJoined(others, 'create', 1, { sync: group.sync }),
  ];
}
