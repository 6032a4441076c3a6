import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustFit, notAMember, type Decision } from '../../decision';
import { mustNotBeBlocked } from '../../facts/blocks';
import { actingUser, memberCount, membersJoined, strangersAmong } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Makes another member the owner, or with `addIfMissing` another user; the old owner stays as a plain member. */
export function transfer(data: GroupCommandData<'transfer'>, group: LiveGroup): Decision {
  const { actor, newOwner, addIfMissing = false } = data;
  const forbidden = mustBeAllowed('transfer', actor, group);
  if (forbidden) return forbidden;
  const { owner } = group.roles;
  if (newOwner === owner) return accept([]);
  const joining = strangersAmong(group, [newOwner]);
  if (joining.length > 0 && !addIfMissing) return notAMember(newOwner);
  const count = memberCount(group);
  return (
    mustNotBeBlocked(group, newOwner) ??
    mustFit(count + joining.length, group.membership.capacity) ??
    accept([
      ...membersJoined(joining, 'add', count, { by: actingUser(actor) }),
      { type: 'ownerTransferred', data: { from: owner, to: newOwner, reason: 'requested' } },
    ])
  );
}
