import { LIMITS } from '@cohort/contracts';
import { unless } from '../../../dialect/group-service';
import { done, result } from '../envelope';
import { mustHaveDone, WildfireChatError } from '../errors';
import {
  groupId,
  groupIdToRead,
  id,
  members as memberIds,
  notice,
  operator,
  optional,
  optionalOperator,
  required,
} from '../fields';
import { alias, describeMembers, extra, EXTRA_KEY, givenMembers, membersOf, memberView, voicesOf } from '../members';
import { noticeOf } from '../notices';
import { actingFor, liveGroup, operation } from '../operation';
import { VISIBLE_BITS } from '../settings';

const MEMBER = {
  type: 'object' as const,
  properties: {
    member_id: { type: 'string' as const },
    alias: { type: 'string' as const },
    type: { type: 'integer' as const, description: '0 normal, 1 manager, 2 owner, 3 silent, 5 allowed' },
    extra: { type: 'string' as const },
    createDt: { type: 'integer' as const },
  },
  required: ['member_id', 'alias', 'type', 'extra', 'createDt'],
};
const EXAMPLE = { member_id: 'u1', alias: '', type: 2, extra: '', createDt: 1790000000000 };

/** The member that a call names, else its operator. */
const memberId = optional(id, 'member_id');

/** Operations on the members of one group. */
export const members = [
  operation('member/list', 'POST', '/admin/group/member/list', {
    source: 'Java SDK, getGroupMembers',
    summary: 'returns all members in the order in which they joined',
    input: { groupId: groupIdToRead },
    does: ({ as, input }) => membersOf(as, input.groupId),
    answer: result(
      { type: 'object', properties: { members: { type: 'array', items: MEMBER } }, required: ['members'] },
      { members: [EXAMPLE] },
      (members: readonly object[]) => ({ members }),
    ),
  }),

  operation('member/get', 'POST', '/admin/group/member/get', {
    source: 'Java SDK, getGroupMember',
    summary: 'returns one member',
    input: { groupId: groupIdToRead, memberId: required(id, 'member_id') },
    does: async ({ as, input: { groupId, memberId: userId } }) => {
      const member = await unless(['NOT_A_MEMBER'], as.query('member', { groupId, userId }));
      if (member === undefined) throw new WildfireChatError(253);
      const [{ profiles }, voices] = await Promise.all([
        as.query('memberProfiles', { groupId, userIds: [userId] }),
        voicesOf(as, groupId),
      ]);
      return memberView(member, profiles[0], voices);
    },
    answer: result(MEMBER, EXAMPLE, (member: object) => member),
  }),

  operation('member/add', 'POST', '/admin/group/member/add', {
    source: 'Java SDK, addGroupMembers',
    summary: 'adds users, and gives members what the call says of them',
    input: {
      operator: optionalOperator,
      group_id: groupId,
      members: required(givenMembers(LIMITS.usersPerCommand)),
      memberExtra: optional(extra, 'member_extra'),
      ...notice,
    },
    does: async ({ as: service, input }) => {
      const { group_id: groupId, members } = input;
      const as = actingFor(service, input.operator);
      const userIds = members.map(({ userId }) => userId);
      if (userIds.length === 0) return void (await liveGroup(as, groupId));
      const shown = noticeOf(input, 'add', groupId, { o: input.operator, ms: userIds });
      const { results = [] } = await as.command('addMembers', { groupId, userIds, ...shown });
      const refused = new Set(results.filter(({ ok }) => !ok).map(({ userId }) => userId));
      const there = members.filter(({ userId }) => !refused.has(userId));
      await describeMembers(as, groupId, there, input.memberExtra);
      mustHaveDone(results);
    },
    answer: done,
  }),

  operation('member/del', 'POST', '/admin/group/member/del', {
    source: 'Java SDK, kickoffGroupMembers',
    summary: 'removes members; an owner among them is succeeded by the oldest manager, else by the oldest member',
    input: { operator, group_id: groupId, members: memberIds, ...notice },
    does: async ({ as, input, call }) => {
      const { group_id: groupId, members: userIds } = input;
      const second = (call.tenant.settings.visibleNotices & VISIBLE_BITS.kick) > 0 ? 'kickVisible' : undefined;
      const shown = noticeOf(input, 'kick', groupId, { o: input.operator, ms: userIds }, second);
      const kick = { groupId, userIds, succeededBy: 'oldestAdmin' as const, ...shown };
      const { results } = await actingFor(as, input.operator).command('kick', kick);
      mustHaveDone(results);
    },
    answer: done,
  }),

  operation('member/quit', 'POST', '/admin/group/member/quit', {
    source: 'Java SDK, quitGroup',
    summary: 'the operator leaves; the oldest member succeeds an owner, an empty group is dismissed',
    input: { operator, group_id: groupId, ...notice },
    does: ({ as, input: { operator: userId, group_id: groupId, ...given }, call }) => {
      const second = (call.tenant.settings.visibleNotices & VISIBLE_BITS.quit) > 0 ? 'quitVisible' : undefined;
      const shown = noticeOf(given, 'quit', groupId, { o: userId, m: '' }, second);
      return actingFor(as, userId).command('leave', { groupId, userId, ownerPolicy: 'oldestMember', ...shown });
    },
    answer: done,
  }),

  operation('member/set_alias', 'POST', '/admin/group/member/set_alias', {
    source: 'Java SDK, setGroupMemberAlias',
    summary: "sets a member's alias, the operator's own without memberId",
    input: { operator, group_id: groupId, memberId, alias: required(alias), ...notice },
    does: ({ as, input }) => {
      const { group_id: groupId, alias: displayName } = input;
      const userId = input.memberId ?? input.operator;
      const shown = noticeOf(input, 'alias', groupId, { o: input.operator, n: displayName, m: userId });
      return actingFor(as, input.operator).command('setDisplayName', { groupId, userId, displayName, ...shown });
    },
    answer: done,
  }),

  operation('member/set_extra', 'POST', '/admin/group/member/set_extra', {
    source: 'Java SDK, setGroupMemberExtra',
    summary: "sets a member's extra, the operator's own without memberId",
    input: { operator, group_id: groupId, memberId, extra: required(extra), ...notice },
    does: ({ as, input }) => {
      const { group_id: groupId, extra: text } = input;
      const userId = input.memberId ?? input.operator;
      const shown = noticeOf(input, 'memberExtra', groupId, { o: input.operator, n: text, m: userId });
      const set = [{ key: EXTRA_KEY, text }];
      return actingFor(as, input.operator).command('setMemberExtra', { groupId, userId, set, ...shown });
    },
    answer: done,
  }),
];
