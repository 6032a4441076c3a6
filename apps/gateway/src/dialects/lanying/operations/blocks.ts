import { PAGE, type BlockView } from '@cohort/contracts';
import { pageOf, results } from '../envelope';
import { groupId, groupIdInQuery, page, userList } from '../fields';
import { toEach } from '../named-users';
import { operation } from '../operation';
import { partOf } from '../paging';
import { INT64, object } from '../views';

type Blocked = BlockView & { readonly groupId: string };

const BLOCKED = object({ group_id: INT64, user_id: INT64, created_at: { type: 'string', format: 'date-time' } });
const EXAMPLE = { group_id: 2306414607729, user_id: 20, created_at: '2026-09-21T14:13:20.000Z' };

/** Who can't be a member. */
export const blocks = [
  operation('block', 'POST', '/group/block', {
    source: '7.17',
    summary: 'blocks users; members among them are removed; by an admin',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(
        users,
        (userIds) => as.command('block', { groupId, userIds }),
        (nobody) => as.command('unblock', { groupId, userIds: [nobody] }),
      ),
    answer: results,
  }),

  operation('unblock', ['POST', 'DELETE'], '/group/unblock', {
    source: '7.74, 7.75',
    summary: 'lifts blocks; by an admin',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(users, (userIds) => as.command('unblock', { groupId, userIds })),
    answer: results,
  }),

  operation('blocked', 'GET', '/group/blocked_list', {
    source: '7.18',
    summary: 'returns the blocked users; to admins',
    access: 'admin',
    input: { group_id: groupIdInQuery, ...page(PAGE.maxLimit) },
    does: ({ as, input: { group_id: groupId, ...part } }) =>
      partOf(as, part, async ({ limit, cursor, since, basis }) => {
        const answer = await as.query('blocked', {
          ...{ groupId, limit },
          ...(since === undefined ? { cursor } : { sinceRevision: since, basis }),
        });
        const entries = answer.blocked.map((one): Blocked => ({ ...one, groupId }));
        return { ...answer, entries, version: answer.revision };
      }),
    answer: pageOf(BLOCKED, EXAMPLE, ({ groupId, userId, blockedAt }: Blocked, ids) => ({
      group_id: ids.group(groupId),
      user_id: ids.user(userId),
      created_at: blockedAt,
    })),
  }),
];
