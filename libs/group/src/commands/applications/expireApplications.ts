import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { applicationExpired } from '../../facts/applications';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Announces those of the users' applications that have run out. */
export function expireApplications(
  data: GroupCommandData<'expireApplications'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const userIds = distinct(data.userIds);
  const expired = userIds.flatMap((userId) => {
    const pending = group.applications.pending.get(userId);
    return pending !== undefined && pending.expiresAt <= at ? [applicationExpired(userId, pending)] : [];
  });
  return mustBeAllowed('expireApplications', data.actor, group) ?? accept(expired, resultsOf(userIds, new Map()));
}
