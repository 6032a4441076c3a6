import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import { done } from '../envelope';
import { groups as groupsOfSync, userId } from '../fields';
import { operation, untilCarriedOut, WAIT } from '../operation';
import { groups } from '../views';

/** Operations on the groups of one user. */
export const users = [
  operation('sync', 'POST', '/group/sync.json', {
    source: 'Group.sync',
    summary: 'the user is in exactly these groups afterwards; the last sync wins',
    input: { userId, group: groupsOfSync },
    does: async ({ as, input: { userId, group: groups }, call }) => {
      const capacity = call.tenant.settings.groupCapacity;
      const { sync } = await as.command('syncUser', { userId, groups, capacity });
      const progress = await as.query('userSync', { userId, sync, waitMs: WAIT.waitMs }, WAIT.options);
      await untilCarriedOut(as, 'sync', progress);
    },
    answer: done,
  }),

  operation('userGroups', 'POST', '/user/group/query.json', {
    source: 'Go SDK, GroupUserQuery',
    summary: 'returns all groups of the user, the latest joined first',
    input: { userId },
    does: ({ as, input: { userId } }) =>
      everyPage((cursor?: string) => as.query('userGroups', { userId, limit: PAGE.maxLimit, cursor })),
    answer: groups,
  }),
];
