import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { invitationsEnded, pendingOf } from '../../facts/invitations';
import { mustBeAllowed } from '../../permissions';
import { roleOf, type LiveGroup } from '../../state';

/** Takes invitations back: the actor's own, or those of anybody if the actor is an admin. */
export function withdrawInvitations(
  { actor, ...data }: GroupCommandData<'withdrawInvitations'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const userIds = distinct(data.userIds);
  const role = actor.type === 'user' ? roleOf(group, actor.id) : 'owner';
  const mayAll = role === 'owner' || role === 'admin';
  const refused = new Map<string, ErrorCode>();
  const withdrawn = userIds.flatMap((userId) => {
    const pending = pendingOf(group, userId);
    const own = mayAll ? pending : pending.filter(({ inviter }) => actor.type === 'user' && inviter === actor.id);
    if (pending.length > 0 && own.length === 0) refused.set(userId, 'ADMIN_ONLY');
    return own.map((invitation) => ({ userId, invitation }));
  });
  return (
    mustBeAllowed('withdrawInvitations', actor, group) ??
    accept(invitationsEnded(withdrawn, at), resultsOf(userIds, refused))
  );
}
