import { everyPage } from '@cohort/client';
import { CohortError, PAGE, type QueryAnswers } from '@cohort/contracts';
import { data, result, results } from '../envelope';
import { LanyingError } from '../errors';
import { body, groupId, groupIdInQuery, user, userList } from '../fields';
import { toEach } from '../named-users';
import { operation } from '../operation';
import { member, MEMBER, MEMBER_EXAMPLE } from '../views';

/** The owner and the admins of a group. */
export const roles = [
  operation('transfer', ['POST', 'PUT'], '/group/transfer', {
    source: '7.71, 7.72',
    summary: 'makes another member the owner (20005 for other users); the old owner stays as a member',
    access: 'actor',
    input: { group_id: groupId, new_owner: body.required(user) },
    does: async ({ as, input: { group_id: groupId, new_owner: newOwner } }) => {
      try {
        await as.command('transfer', { groupId, newOwner });
        return newOwner;
      } catch (error) {
        // The command says so of the new owner alone: a caller who isn't the owner is refused before.
        if (error instanceof CohortError && error.code === 'NOT_A_MEMBER') throw new LanyingError(20005);
        throw error;
      }
    },
    answer: result,
  }),

  operation('grantAdmins', 'POST', '/group/admin/add', {
    source: '7.1',
    summary: 'makes members admins; only the owner may',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(users, (userIds) => as.command('grantAdmins', { groupId, userIds })),
    answer: results,
  }),

  operation('revokeAdmins', ['POST', 'DELETE'], '/group/admin/remove', {
    source: '7.2, 7.3',
    summary: 'makes admins plain members; only the owner may',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(users, (userIds) => as.command('revokeAdmins', { groupId, userIds })),
    answer: results,
  }),

  operation('admins', 'GET', '/group/admin_list', {
    source: '7.4',
    summary: 'returns the admins, without the owner, in the order in which they joined',
    access: 'member',
    input: { group_id: groupIdInQuery },
    does: ({ as, input }) =>
      everyPage((cursor?: string) =>
        as.query('members', { groupId: input.group_id, role: 'admin', limit: PAGE.maxLimit, cursor }),
      ),
    answer: data({ type: 'array', items: MEMBER }, [MEMBER_EXAMPLE], (pages: readonly QueryAnswers['members'][], ids) =>
      pages.flatMap(({ members }) => members).map((one) => member(one, ids)),
    ),
  }),
];
