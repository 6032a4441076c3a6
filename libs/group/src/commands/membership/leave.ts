import type { GroupCommandData } from '@cohort/contracts';
import { accept, refuse, type DecideContext, type Decision } from '../../decision';
import { membersLeft, policyOf } from '../../facts/succession';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** A member leaves; for any other user nothing changes. */
export function leave(data: GroupCommandData<'leave'>, group: LiveGroup, context: DecideContext): Decision {
  const forbidden = mustBeAllowed('leave', data.actor, group, [data.userId]);
  if (forbidden) return forbidden;
  const events = membersLeft(group, [data.userId], policyOf(data, context));
  return events === undefined
    ? refuse('OWNER_CANNOT_LEAVE', 'The owner may not leave: transfer the group or dismiss it first.')
    : accept(events);
}
