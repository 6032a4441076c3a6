import type { GroupEvent, JoinVia, UserResult } from '@cohort/contracts';
import { accept, mustFit, refuse, type Decision, type Refused } from '../decision';
import type { LiveGroup } from '../state';
import { memberCount, membersJoined } from './members';

/** The users, none of them a member yet, join, if the group has room for all of them. */
export function usersJoin(
  group: LiveGroup,
  userIds: readonly string[],
  via: JoinVia,
  {
    by,
    before = [],
    results,
  }: {
    readonly by?: string | undefined;
    /** Events before those of the new members, in the same append. */
    readonly before?: readonly GroupEvent[];
    readonly results?: readonly UserResult[];
  } = {},
): Decision {
  const count = memberCount(group);
  return (
    mustFit(count + userIds.length, group.membership.capacity) ??
    accept([...before, ...membersJoined(userIds, via, count, { by })], results)
  );
}

/** A refusal when the user is a member. */
export function mustNotBeMember({ membership }: LiveGroup, userId: string): Refused | undefined {
  if (!membership.members.has(userId)) return undefined;
  return refuse('ALREADY_A_MEMBER', `User ${userId} is a member of the group already.`, { userId });
}

/** A refusal when the group would have more pending applications or invitations than it may. */
export function mustHaveRoom(wanted: number, most: number): Refused | undefined {
  if (wanted <= most) return undefined;
  return refuse('TOO_MANY_PENDING', `The group may have at most ${most} of these pending.`, { most, wanted });
}
