import { notice, notifiesNobody, type Rules } from './rule';

export const lifecycle: Rules<'created' | 'dismissed'> = {
  /** A sync is the owner's own wish. */
  created: ({ owner, sync }) =>
    sync === undefined ? notice('added', [owner], { via: 'create', role: 'owner' }) : notifiesNobody(),

  /** To the last owner, unless their leaving ended the group. */
  dismissed: async ({ reason }, asked) => {
    if (reason !== 'requested') return notifiesNobody();
    const owner = await asked.owner();
    return owner === undefined ? notifiesNobody() : notice('dismissed', [owner], { reason });
  },
};
