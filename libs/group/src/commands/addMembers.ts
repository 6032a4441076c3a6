import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, mustBeAdmin, mustFit, resultsOf, type Decision } from '../decision';
import { join, strangers } from '../members';
import type { LiveGroup } from '../state';

/** Users are brought in by the owner or an admin: all of them, or nobody when the group would be full. */
export function addMembers(data: GroupCommandData<'addMembers'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const wanted = strangers(group, userIds);
  return (
    mustBeAdmin(data.actor, group) ??
    mustFit(group.members.size + wanted.length, group.capacity) ??
    accept(join(wanted, 'add', group.members.size), resultsOf(userIds, new Map()))
  );
}
