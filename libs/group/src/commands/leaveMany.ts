import type { Actor, GroupCommandData, OwnerPolicy } from '@cohort/contracts';
import { accept, distinct, mustActForHimself, resultsOf, type DecideContext, type Decision } from '../decision';
import { leaving } from '../succession';
import type { LiveGroup } from '../state';

/** Users go at once. Where the policy keeps the owner, only he is refused. */
export function leaveMany(data: GroupCommandData<'leaveMany'>, group: LiveGroup, context: DecideContext): Decision {
  const { actor } = data;
  const userIds = distinct(data.userIds);
  const forbidden = mustActForHimself(actor, userIds);
  if (forbidden) return forbidden;

  const policy = policyOf(data, context);
  const sync = actor.type === 'service' ? data.sync : undefined;
  const events = leaving(group, userIds, policy, sync);
  if (events !== undefined) return accept(events, resultsOf(userIds, new Map()));

  const others = userIds.filter((userId) => userId !== group.owner);
  const refused = new Map([[group.owner, 'OWNER_CANNOT_LEAVE'] as const]);
  return accept(leaving(group, others, policy, sync) ?? [], resultsOf(userIds, refused));
}

/** The policy in force: a service may choose one for its command; for users the app's holds. */
export const policyOf = (data: { actor: Actor; ownerPolicy?: OwnerPolicy }, context: DecideContext): OwnerPolicy =>
  (data.actor.type === 'service' ? data.ownerPolicy : undefined) ?? context.ownerPolicy;
