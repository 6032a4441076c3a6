import { markOfText, type GroupCommandData } from '@cohort/contracts';
import { accept, notAMember, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import { profileOf } from '../../state/member-profile';
import type { LiveGroup } from '../../state';

/** Sets a member's name in the group. */
export function setDisplayName(data: GroupCommandData<'setDisplayName'>, group: LiveGroup): Decision {
  const { actor, userId, displayName } = data;
  const forbidden = mustBeAllowed('setDisplayName', actor, group, [userId]);
  if (forbidden) return forbidden;
  if (!group.membership.members.has(userId)) return notAMember(userId);
  const mark = displayName === '' ? undefined : markOfText(displayName);
  if (mark === profileOf(group.memberProfile, userId).name) return accept([]);
  return accept([{ type: 'displayNameChanged', data: { userId, displayName } }]);
}
