import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustBeOwner, notAMember, type Decision } from '../decision';
import type { LiveGroup } from '../state';

/** Another member becomes owner; the old one stays as a plain member. */
export function transfer({ actor, newOwner }: GroupCommandData<'transfer'>, group: LiveGroup): Decision {
  const forbidden = mustBeOwner(actor, group);
  if (forbidden) return forbidden;
  if (!group.members.has(newOwner)) return notAMember(newOwner);
  if (newOwner === group.owner) return accept([]);
  return accept([{ type: 'ownerTransferred', data: { from: group.owner, to: newOwner, reason: 'requested' } }]);
}
