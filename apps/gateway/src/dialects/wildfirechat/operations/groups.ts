import { generatedGroupId, LIMITS, PAGE } from '@cohort/contracts';
import { randomUUID } from 'node:crypto';
import { unless } from '../../../dialect/group-service';
import { done, result } from '../envelope';
import { WildfireChatError } from '../errors';
import {
  groupId,
  groupIdToRead,
  id,
  ids,
  invalid,
  isObject,
  notice,
  operator,
  optional,
  optionalIn,
  optionalOperator,
  required,
  type Kind,
} from '../fields';
import {
  attributeOf,
  givenGroup,
  GROUP_EXAMPLE,
  GROUP_INFO,
  infosOf,
  KEPT,
  type GivenGroup,
  type Kept,
} from '../groups';
import { describeMembers, extra, givenMembers, type GivenMember } from '../members';
import { noticeOf } from '../notices';
import { actingFor, liveGroup, operation, operationOnList } from '../operation';

interface NewGroup {
  readonly info: GivenGroup;
  readonly members: readonly GivenMember[];
}

const firstMembers = givenMembers(LIMITS.createMembers);

const newGroup: Kind<NewGroup> = {
  schema: {
    type: 'object',
    properties: { group_info: GROUP_INFO_GIVEN(), members: firstMembers.schema },
    required: ['group_info'],
  },
  many: firstMembers.many!,
  read: (value) => {
    if (!isObject(value) || !isObject(value.group_info)) return invalid();
    return { info: givenGroup(value.group_info), members: optionalIn(value, firstMembers, 'members') ?? [] };
  },
};

/** All fields but the name may be missing. */
function GROUP_INFO_GIVEN() {
  return { ...GROUP_INFO, required: ['name'] };
}

/** What differs from a group that was made elsewhere. */
const keptIn = (info: Kept) =>
  (Object.keys(KEPT) as (keyof Kept)[])
    .filter((field) => info[field] !== KEPT[field])
    .map((field) => ({ key: attributeOf(field), text: String(info[field]) }));

/** Operations on groups as a whole. */
export const groups = [
  operation('create', 'POST', '/admin/group/create', {
    source: '创建群组',
    summary: 'creates the group with its owner, who is the operator if the group names none, and its members',
    input: {
      operator: optionalOperator,
      group: required(newGroup),
      member_extra: optional(extra, 'memberExtra'),
      ...notice,
    },
    does: async ({ as: service, input, call }) => {
      const { info, members } = input.group;
      const owner = info.owner ?? input.operator ?? invalid();
      const as = actingFor(service, input.operator);
      const groupId = info.groupId ?? generatedGroupId(call.tenant.id, randomUUID(), 0);
      const { name, portrait, extra: ext, settings, capacity } = info;
      const shown = noticeOf(input, 'create', groupId, { o: input.operator ?? owner, n: name, m: '' });
      const others = members.filter(({ userId }) => userId !== owner).map(({ userId }) => userId);
      const make = as.command('create', {
        ...{ groupId, name, owner, members: others, avatar: portrait, ext, settings, ...shown },
        ...(capacity === undefined ? {} : { capacity }),
      });
      // An id that a dismissed group had is taken, too.
      if (!(await unless(['GROUP_DISMISSED', 'DATA_ERASED'], make))) throw new WildfireChatError(11);
      const set = keptIn(info);
      if (set.length > 0) await as.command('setAttributes', { groupId, set });
      if (info.mute === 1) await as.command('banAll', { groupId });
      await describeMembers(as, groupId, members, input.member_extra);
      return groupId;
    },
    answer: result<string>(
      { type: 'object', properties: { group_id: { type: 'string' } }, required: ['group_id'] },
      { group_id: 'g1' },
      (groupId) => ({ group_id: groupId }),
    ),
  }),

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
