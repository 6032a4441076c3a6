import { LIMITS, type GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { blockedAmong } from '../../facts/blocks';
import { invitationsRunOut, pendingOf, usersInvited } from '../../facts/invitations';
import { mustHaveRoom, usersJoin } from '../../facts/joining';
import { actingUser, membersAmong } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';
import { markOf } from '../../state/text-mark';

/** Invites users: they become members by accepting, or at once where no consent is needed. */
export function invite(data: GroupCommandData<'invite'>, group: LiveGroup, { at, limits }: DecideContext): Decision {
  const { actor, reason } = data;
  const userIds = distinct(data.userIds);
  const refused = blockedAmong(group, userIds);
  for (const userId of membersAmong(group, userIds)) refused.set(userId, 'ALREADY_A_MEMBER');
  const invitees = userIds.filter((userId) => !refused.has(userId));
  const results = resultsOf(userIds, refused);
  const inviter = actingUser(actor) ?? group.roles.owner;
  const forbidden = mustBeAllowed('invite', actor, group);
  if (forbidden) return forbidden;
  if (!group.settings.inviteNeedsConfirm) return usersJoin(group, invitees, 'invitation', { by: inviter, results });

  const expiresAt = at + limits.invitationMs;
  const earlier = (userId: string) => pendingOf(group, userId).find((one) => one.inviter === inviter);
  const changed = invitees.filter((userId) => {
    const before = earlier(userId);
    return before?.expiresAt !== expiresAt || before.reason !== markOf(reason);
  });
  // Earlier ones that have run out are announced first.
  const replaced = changed.flatMap((userId) => {
    const before = earlier(userId);
    return before === undefined ? [] : [{ userId, invitation: before }];
  });
  const added = changed.filter((userId) => earlier(userId) === undefined).length;
  const { count, last } = group.invitations;
  return (
    mustHaveRoom(added === 0 ? 0 : count + added, LIMITS.pendingInvitations) ??
    accept(
      [...invitationsRunOut(replaced, at), ...usersInvited(changed, last, { inviter, reason, expiresAt })],
      results,
    )
  );
}
