import { notice, notifiesNobody, type Rules } from './rule';

export const applications: Rules<
  'applied' | 'applicationApproved' | 'applicationDeclined' | 'applicationWithdrawn' | 'applicationExpired'
> = {
  applied: async ({ userId, applicationId, reason = '', expiresAt }, asked) =>
    notice('applied', await asked.admins(), { userId, applicationId, reason, expiresAt }),

  applicationApproved: ({ userId, applicationId }) => notice('applicationApproved', [userId], { applicationId }),
  applicationDeclined: ({ userId, applicationId }) => notice('applicationDeclined', [userId], { applicationId }),

  /** The admins' lists show it. */
  applicationWithdrawn: notifiesNobody,
  applicationExpired: notifiesNobody,
};
