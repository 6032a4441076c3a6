import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { membersLeft, policyOf } from '../../facts/succession';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Several members leave together. If the policy keeps the owner, only the owner is refused. */
export function leaveMany(data: GroupCommandData<'leaveMany'>, group: LiveGroup, context: DecideContext): Decision {
  const { actor } = data;
  const userIds = distinct(data.userIds);
  const forbidden = mustBeAllowed('leaveMany', actor, group, userIds);
  if (forbidden) return forbidden;

  const policy = policyOf(data, context);
  const sync = actor.type === 'service' ? data.sync : undefined;
  const events = membersLeft(group, userIds, policy, sync);
  if (events !== undefined) return accept(events, resultsOf(userIds, new Map()));

  const { owner } = group.roles;
  const others = userIds.filter((userId) => userId !== owner);
  const refused = new Map([[owner, 'OWNER_CANNOT_LEAVE'] as const]);
  return accept(membersLeft(group, others, policy, sync) ?? [], resultsOf(userIds, refused));
}
