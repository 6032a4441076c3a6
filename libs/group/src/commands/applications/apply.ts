import { LIMITS, type GroupCommandData } from '@cohort/contracts';
import { accept, refuse, type DecideContext, type Decision, type Refused } from '../../decision';
import { applicationExpired, applied } from '../../facts/applications';
import { mustNotBeBlocked } from '../../facts/blocks';
import { mustHaveRoom, mustNotBeMember, usersJoin } from '../../facts/joining';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';
import { markOf } from '../../state/text-mark';

/** A user asks to become a member. Where no approval is needed, they join at once. */
export function apply(data: GroupCommandData<'apply'>, group: LiveGroup, context: DecideContext): Decision {
  const { actor, userId } = data;
  return (
    mustBeAllowed('apply', actor, group, [userId]) ??
    mustNotBeMember(group, userId) ??
    mustNotBeBlocked(group, userId) ??
    mustTakeApplications(group) ??
    (needsApproval(group) ? ask(data, group, context) : usersJoin(group, [userId], 'join'))
  );
}

const needsApproval = ({ settings: { visibility, joinPolicy } }: LiveGroup): boolean =>
  visibility === 'public' && joinPolicy === 'approval';

/** A refusal when users join the group by invitation only. */
function mustTakeApplications({ settings: { visibility, joinPolicy } }: LiveGroup): Refused | undefined {
  if (visibility === 'private') return refuse('GROUP_PRIVATE', 'The group is private: users join by invitation only.');
  if (visibility === 'public' && joinPolicy === 'forbidden') {
    return refuse('JOIN_FORBIDDEN', 'The group takes no applications: users join by invitation only.');
  }
  return undefined;
}

function ask(
  { userId, reason }: GroupCommandData<'apply'>,
  { applications: { pending, last } }: LiveGroup,
  { at, limits }: DecideContext,
): Decision {
  const expiresAt = at + limits.applicationMs;
  const earlier = pending.get(userId);
  if (earlier?.expiresAt === expiresAt && earlier.reason === markOf(reason)) return accept([]);
  // An earlier one that has run out is announced first.
  const over = earlier !== undefined && earlier.expiresAt <= at ? [applicationExpired(userId, earlier)] : [];
  return (
    mustHaveRoom(earlier === undefined ? pending.size + 1 : pending.size, LIMITS.pendingApplications) ??
    accept([...over, applied(userId, last + 1, expiresAt, reason)])
  );
}
