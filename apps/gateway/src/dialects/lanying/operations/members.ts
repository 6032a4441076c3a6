import { everyPage } from '@cohort/client';
import { PAGE, type QueryAnswers } from '@cohort/contracts';
import type { Schema } from '../../../dialect/fields';
import { data, pageOf, results, yes } from '../envelope';
import { groupId, groupIdInQuery, page, userList } from '../fields';
import { toEach } from '../named-users';
import { operation } from '../operation';
import { partOf } from '../paging';
import { INT64, member, MEMBER, MEMBER_EXAMPLE } from '../views';

const NUMBERS: Schema = { type: 'array', items: INT64 };

/** The members of a group, and the groups of a user. */
export const members = [
  operation('leave', ['POST', 'DELETE'], '/group/leave', {
    source: '7.47, 7.48',
    summary: 'the acting user leaves; the owner may not (20004)',
    access: 'member',
    input: { group_id: groupIdInQuery },
    // The vendor's rule for owners holds, whatever the tenant's policy is; a service may choose the policy.
    does: ({ as, me, input }) =>
      as
        .by({ type: 'service', onBehalfOf: me() })
        .command('leave', { groupId: input.group_id, userId: me(), ownerPolicy: 'refuse' }),
    answer: yes,
  }),

  operation('kick', ['POST', 'DELETE'], '/group/kick', {
    source: '7.45, 7.46',
    summary: 'removes members; the owner stays, and only the owner removes admins',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(users, (userIds) => as.command('kick', { groupId, userIds })),
    answer: results,
  }),

  operation('members', 'GET', '/group/member_list', {
    source: '7.49',
    summary: 'returns the members in the order in which they joined',
    access: 'member',
    input: { group_id: groupIdInQuery, ...page(PAGE.maxLimit) },
    does: ({ as, input }) =>
      partOf(as, input, async ({ limit, cursor, since, basis }) => {
        const answer = await as.query('members', {
          ...{ groupId: input.group_id, limit },
          ...(since === undefined ? { cursor } : { sinceRevision: since, basis }),
        });
        return { ...answer, entries: answer.members, version: answer.revision };
      }),
    answer: pageOf(MEMBER, MEMBER_EXAMPLE, member),
  }),

  operation('joinedGroups', 'GET', '/group/user_joined', {
    source: '7.76',
    summary: "returns the ids of the acting user's groups, the latest joined first",
    access: 'user',
    input: {},
    does: ({ as, me }) =>
      everyPage((cursor?: string) => as.query('userGroups', { userId: me(), limit: PAGE.maxLimit, cursor })),
    answer: data(NUMBERS, [2306414607729], (pages: readonly QueryAnswers['userGroups'][], ids) =>
      pages.flatMap(({ groups }) => groups.map(({ groupId, numericId }) => ids.group(groupId, numericId))),
    ),
  }),
];
