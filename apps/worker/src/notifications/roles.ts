import { idsOf, notice, type Rules } from './rule';

export const roles: Rules<'ownerTransferred' | 'adminGranted' | 'adminRevoked'> = {
  /** An owner who left did so by their own wish. */
  ownerTransferred: ({ from, to, reason }) =>
    notice('ownerTransferred', reason === 'ownerLeft' ? [to] : [to, from], { from, to, reason }),

  adminGranted: ({ members }) => notice('adminGranted', idsOf(members), {}),
  adminRevoked: ({ members }) => notice('adminRevoked', idsOf(members), {}),
};
