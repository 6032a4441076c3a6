import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustActForHimself, mustFit, type Decision } from '../decision';
import { join as joined, strangers } from '../members';
import type { LiveGroup } from '../state';

/** A user comes in by himself; one who is in already stays in. */
export function join({ actor, userId }: GroupCommandData<'join'>, group: LiveGroup): Decision {
  const wanted = strangers(group, [userId]);
  return (
    mustActForHimself(actor, [userId]) ??
    mustFit(group.members.size + wanted.length, group.capacity) ??
    accept(joined(wanted, 'join', group.members.size))
  );
}
