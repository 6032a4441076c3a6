import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { result } from '../envelope';
import { id, numbers, required } from '../fields';
import { each, MEMBER_TYPES, typeOf, voicesOf } from '../members';
import { operation } from '../operation';

const groupsOf = async (as: Caller, userId: string) => {
  const pages = await everyPage((cursor) => as.query('userGroups', { userId, limit: PAGE.maxLimit, cursor }));
  return pages.flatMap(({ groups }) => groups);
};

const answer = result(
  {
    type: 'object',
    properties: { groupIds: { type: 'array', items: { type: 'string' } } },
    required: ['groupIds'],
  },
  { groupIds: ['g1'] },
  (groupIds: readonly string[]) => ({ groupIds }),
);

const PLAIN: readonly number[] = [MEMBER_TYPES.normal, MEMBER_TYPES.silent, MEMBER_TYPES.allowed];

/** Operations on the groups of users. */
export const users = [
  operation('of_user', 'POST', '/admin/group/of_user', {
    source: 'Java SDK, getUserGroups',
    summary: 'returns all groups of the user, the latest joined first',
    input: { userId: required(id, 'user_id') },
    does: async ({ as, input }) => (await groupsOf(as, input.userId)).map(({ groupId }) => groupId),
    answer,
  }),

  operation('of_user_by_type', 'POST', '/admin/group/of_user_by_type', {
    source: 'Java SDK, getUserGroupsByType',
    summary: 'returns the groups in which the user is a member of one of these types',
    input: { userId: required(id, 'user_id', 'user'), groupMemberTypes: required(numbers(5), 'types') },
    does: async ({ as, input: { userId, groupMemberTypes: types } }) => {
      const groups = await groupsOf(as, userId);
      // Which plain members are silent or allowed is read only if the types tell them apart.
      const some = PLAIN.some((type) => types.includes(type)) && !PLAIN.every((type) => types.includes(type));
      const found = new Set<string>();
      await each(groups, async ({ groupId, role }) => {
        const voices = some && role === 'member' ? await voicesOf(as, groupId) : NONE;
        if (types.includes(typeOf({ userId, role }, voices))) found.add(groupId);
      });
      return groups.map(({ groupId }) => groupId).filter((groupId) => found.has(groupId));
    },
    answer,
  }),

  operation('common_group', 'POST', '/admin/group/common_group', {
    source: 'Java SDK, getCommonGroups',
    summary: 'returns the groups that two users have in common',
    input: { first: required(id), second: required(id) },
    does: async ({ as, input }) => {
      const [first, second] = await Promise.all([groupsOf(as, input.first), groupsOf(as, input.second)]);
      const ofSecond = new Set(second.map(({ groupId }) => groupId));
      return first.map(({ groupId }) => groupId).filter((groupId) => ofSecond.has(groupId));
    },
    answer,
  }),
];

const NONE = { silent: new Set<string>(), allowed: new Set<string>() } as const;
