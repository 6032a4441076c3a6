import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustFit, type Decision } from '../../decision';
import { mustNotBeBlocked } from '../../facts/blocks';
import { memberCount, membersJoined, strangersAmong } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** A user joins; for a member nothing changes. */
export function join({ actor, userId }: GroupCommandData<'join'>, group: LiveGroup): Decision {
  const joining = strangersAmong(group, [userId]);
  const count = memberCount(group);
  return (
    mustNotBeBlocked(group, userId) ??
    mustBeAllowed('join', actor, group, [userId]) ??
    mustFit(count + joining.length, group.membership.capacity) ??
    accept(membersJoined(joining, 'join', count))
  );
}
