import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, mustFit, resultsOf, type Decision } from '../../decision';
import { blockedAmong } from '../../facts/blocks';
import { actingUser, memberCount, membersJoined, strangersAmong } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Adds users, but for blocked ones: all of them, or none when the group would be over its capacity. */
export function addMembers(data: GroupCommandData<'addMembers'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const refused = blockedAmong(group, userIds);
  const joining = strangersAmong(group, userIds).filter((userId) => !refused.has(userId));
  const count = memberCount(group);
  return (
    mustBeAllowed('addMembers', data.actor, group) ??
    mustFit(count + joining.length, group.membership.capacity) ??
    accept(membersJoined(joining, 'add', count, { by: actingUser(data.actor) }), resultsOf(userIds, refused))
  );
}
