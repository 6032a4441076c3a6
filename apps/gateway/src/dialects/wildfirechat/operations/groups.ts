import { PAGE } from '@cohort/contracts';
import { done, result } from '../envelope';
import { WildfireChatError } from '../errors';
import { groupId, groupIdToRead, id, ids, notice, operator, required } from '../fields';
import { GROUP_EXAMPLE, GROUP_INFO, infosOf } from '../groups';
import { noticeOf } from '../notices';
import { actingFor, liveGroup, operation, operationOnList } from '../operation';

/** Operations on groups as a whole. */
export const groups = [
  operation('del', 'POST', '/admin/group/del', {
    source: '销毁群组',
    summary: 'dismisses the group',
    input: { operator, group_id: groupId, ...notice },
    does: async ({ as, input }) => {
      await liveGroup(as, input.group_id);
      const shown = noticeOf(input, 'dismiss', input.group_id, { o: input.operator, m: '' });
      await actingFor(as, input.operator).command('dismiss', { groupId: input.group_id, ...shown });
    },
    answer: done,
  }),

  operation('get_info', 'POST', '/admin/group/get_info', {
    source: '获取群组信息',
    summary: 'returns the group; max_member_count is the present count of members',
    input: { groupId: groupIdToRead },
    does: async ({ as, input: { groupId } }) => {
      const [info] = await infosOf(as, [groupId]);
      if (info === undefined) throw new WildfireChatError(253);
      return info;
    },
    answer: result(GROUP_INFO, GROUP_EXAMPLE, (info: object) => info),
  }),

  operationOnList('batch_infos', 'POST', '/admin/group/batch_infos', {
    source: 'JS SDK',
    summary: 'returns the groups of the list that exist',
    input: {
      ids: {
        in: 'body',
        required: true,
        written: '[id, ...]',
        schema: { type: 'array', items: id.schema, maxItems: PAGE.maxGroupIds },
        many: { atMost: PAGE.maxGroupIds, bytes: 1_024 },
        read: ({ body }) => ids(PAGE.maxGroupIds).read(body),
      },
    },
    does: ({ as, input }) => infosOf(as, input.ids),
    answer: result(
      {
        type: 'object',
        properties: { groupInfoList: { type: 'array', items: GROUP_INFO } },
        required: ['groupInfoList'],
      },
      { groupInfoList: [GROUP_EXAMPLE] },
      (infos: readonly object[]) => ({ groupInfoList: infos }),
    ),
  }),

  operation('transfer', 'POST', '/admin/group/transfer', {
    source: '转移群组',
    summary: 'makes a user the owner, who joins if they are no member; the old owner stays as a member',
    input: { operator, group_id: groupId, new_owner: required(id), ...notice },
    does: ({ as, input }) => {
      const { group_id: groupId, new_owner: newOwner } = input;
      const shown = noticeOf(input, 'transfer', groupId, { o: input.operator, m: newOwner });
      return actingFor(as, input.operator).command('transfer', { groupId, newOwner, addIfMissing: true, ...shown });
    },
    answer: done,
  }),
];
