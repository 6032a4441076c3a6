import type { ErrorCode, GroupCommandData, GroupEvent } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { memberCount, membersAmong, membersGone } from '../../facts/members';
import { ownerSucceeded } from '../../facts/succession';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Removes users. A protected one stays, and the others go. An owner who goes has a successor. */
export function kick({ actor, ...data }: GroupCommandData<'kick'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('kick', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const code = protectionOf(userId, 'kick', actor, group);
    if (code !== undefined) refused.set(userId, code);
  }
  const succeeded = successionOf({ ...data, actor }, userIds, group);
  if (succeeded !== undefined) refused.delete(group.roles.owner);
  const going = membersAmong(group, userIds).filter((userId) => !refused.has(userId));
  const events = membersGone('memberKicked', going, memberCount(group));
  return accept(succeeded === undefined ? events : [succeeded, ...events], resultsOf(userIds, refused));
}

/** The new owner, if a service removes the owner and says who succeeds. To a service, nobody else is protected. */
function successionOf(
  { actor, succeededBy }: Pick<GroupCommandData<'kick'>, 'actor' | 'succeededBy'>,
  userIds: readonly string[],
  group: LiveGroup,
): GroupEvent | undefined {
  if (actor.type !== 'service' || succeededBy === undefined || !userIds.includes(group.roles.owner)) return undefined;
  return ownerSucceeded(group, new Set(userIds), succeededBy);
}
