import type { GroupCommandData, Invitee } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { invitationsExpired, inviteeOf, pendingOf } from '../../facts/invitations';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Announces those of the users' invitations that have run out, those that ended first before the others. */
export function expireInvitations(
  data: GroupCommandData<'expireInvitations'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const userIds = distinct(data.userIds);
  const byEnd = new Map<number, Invitee[]>();
  for (const userId of userIds) {
    for (const invitation of pendingOf(group, userId)) {
      const { expiresAt } = invitation;
      if (expiresAt <= at) byEnd.set(expiresAt, [...(byEnd.get(expiresAt) ?? []), inviteeOf(userId, invitation)]);
    }
  }
  const inOrder = [...byEnd].sort(([a], [b]) => a - b);
  return (
    mustBeAllowed('expireInvitations', data.actor, group) ??
    accept(
      inOrder.flatMap(([end, invitees]) => invitationsExpired(invitees, end)),
      resultsOf(userIds, new Map()),
    )
  );
}
