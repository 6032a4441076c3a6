import { LEAVING_POLICIES, type GroupCommandData, type LeavingPolicy } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { membersLeft } from '../../facts/succession';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** An erased member leaves, whatever they are in the group. For any other user nothing changes. */
export function eraseMember(data: GroupCommandData<'eraseMember'>, group: LiveGroup, context: DecideContext): Decision {
  const { actor, userId, sync, ownerPolicy = policyOf(context) } = data;
  const forbidden = mustBeAllowed('eraseMember', actor, group);
  return forbidden ?? accept(membersLeft(group, [userId], ownerPolicy, sync) ?? []);
}

/** The tenant's policy; if an owner stays under it, the oldest admin becomes owner. */
const policyOf = ({ ownerPolicy }: DecideContext): LeavingPolicy =>
  LEAVING_POLICIES.find((policy) => policy === ownerPolicy) ?? 'oldestAdmin';
