import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustActForHimself, refuse, type DecideContext, type Decision } from '../decision';
import { leaving } from '../succession';
import type { LiveGroup } from '../state';
import { policyOf } from './leaveMany';

/** A user goes by himself; one who isn't in stays out. */
export function leave(data: GroupCommandData<'leave'>, group: LiveGroup, context: DecideContext): Decision {
  const forbidden = mustActForHimself(data.actor, [data.userId]);
  if (forbidden) return forbidden;
  const events = leaving(group, [data.userId], policyOf(data, context));
  return events === undefined
    ? refuse('OWNER_CANNOT_LEAVE', 'The owner may not leave: transfer the group or dismiss it first.')
    : accept(events);
}
