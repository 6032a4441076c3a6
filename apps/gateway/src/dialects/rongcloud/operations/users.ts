import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import { RongCloudError } from '../errors';
import { done } from '../envelope';
import { groups as groupsOfSync, userId } from '../fields';
import { operation } from '../operation';
import { groups } from '../views';

/** Longest wait for a sync, in milliseconds. A sync that takes longer continues. */
const SYNC_BOUND_MS = 10_000;

/** Operations on the groups of one user. */
export const users = [
  operation('sync', 'POST', '/group/sync.json', {
    source: 'Group.sync',
    summary: 'the user is in exactly these groups afterwards; the last sync wins',
    input: { userId, group: groupsOfSync },
    does: async ({ as, input: { userId, group: groups }, call }) => {
      const capacity = call.tenant.settings.groupCapacity;
      const { sync } = await as.command('syncUser', { userId, groups, capacity });
      const { completed, position } = await as.query(
        'userSync',
        { userId, sync, waitMs: SYNC_BOUND_MS },
        { timeoutMs: SYNC_BOUND_MS + 2_000 },
      );
      if (!completed) throw new RongCloudError(1050, 'the sync was accepted and is still being carried out');
      await as.service.untilVisible(position);
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
