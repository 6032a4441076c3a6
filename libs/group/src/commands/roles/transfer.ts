import type { GroupCommandData } from '@cohort/contracts';
import { accept, notAMember, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Makes another member the owner; the old one stays as a plain member. */
export function transfer({ actor, newOwner }: GroupCommandData<'transfer'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('transfer', actor, group);
  if (forbidden) return forbidden;
  if (!group.membership.members.has(newOwner)) return notAMember(newOwner);
  const { owner } = group.roles;
  if (newOwner === owner) return accept([]);
  return accept([{ type: 'ownerTransferred', data: { from: owner, to: newOwner, reason: 'requested' } }]);
}
