import { notice, notifiesNobody, type Rules } from './rule';

export const invitations: Rules<
  'invited' | 'invitationAccepted' | 'invitationDeclined' | 'invitationWithdrawn' | 'invitationExpired'
> = {
  invited: ({ invitees, inviter, reason = '', expiresAt }) =>
    invitees.flatMap(({ userId, invitationId }) =>
      notice('invited', [userId], { invitationId, inviter, reason, expiresAt }),
    ),

  invitationAccepted: ({ userId, invitationId, inviter }) =>
    notice('invitationAccepted', [inviter], { invitationId, userId }),
  invitationDeclined: ({ userId, invitationId, inviter }) =>
    notice('invitationDeclined', [inviter], { invitationId, userId }),

  invitationWithdrawn: ({ invitees }) =>
    invitees.flatMap(({ userId, invitationId }) => notice('invitationWithdrawn', [userId], { invitationId })),

  /** The lists show it. */
  invitationExpired: notifiesNobody,
};
