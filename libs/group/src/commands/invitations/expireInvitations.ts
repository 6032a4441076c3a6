import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { invitationsRunOut, pendingOf } from '../../facts/invitations';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Announces those of the users' invitations that have run out, those that ended first before the others. */
export function expireInvitations(
  data: GroupCommandData<'expireInvitations'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const userIds = distinct(data.userIds);
  const pending = userIds.flatMap((userId) => pendingOf(group, userId).map((invitation) => ({ userId, invitation })));
  return (
    mustBeAllowed('expireInvitations', data.actor, group) ??
    accept(invitationsRunOut(pending, at), resultsOf(userIds, new Map()))
  );
}
