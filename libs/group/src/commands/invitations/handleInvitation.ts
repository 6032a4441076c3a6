import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { mustNotBeBlocked } from '../../facts/blocks';
import { invitationAccepted, invitationDeclined, openInvitations } from '../../facts/invitations';
import { usersJoin } from '../../facts/joining';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** The invitee accepts, and is a member; or declines. */
export function handleInvitation(
  { actor, userId, approve, inviter }: GroupCommandData<'handleInvitation'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('handleInvitation', actor, group, [userId]);
  if (forbidden) return forbidden;
  const open = openInvitations(group, userId, inviter, at);
  if ('ok' in open) return open;

  if (!approve) return accept(open.map((invitation) => invitationDeclined(userId, invitation)));
  const newest = open.at(-1) ?? open[0];
  const before = [invitationAccepted(userId, newest)];
  return mustNotBeBlocked(group, userId) ?? usersJoin(group, [userId], 'invitation', { by: newest.inviter, before });
}
