import type { OperationCases } from './operation-case';
import type { World } from './world';

const aTime = expect.any(Number) as unknown;

/** What the member has of their own. */
const profile = (expected: object) => async (world: World) => {
  const { groupId, member, nats } = world;
  const asked = { groupId: String(groupId), userIds: [String(member)] };
  expect((await nats.query('memberProfiles', asked)).profiles).toEqual([expect.objectContaining(expected)]);
};

export const memberProfile: OperationCases = {
  '/group/display_name': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, value: '小明 & Ann' }),
    answers: () => ({ code: 200, data: true }),
    refuses: { stranger: 20011 },
    then: profile({ displayName: '小明 & Ann' }),
  },

  '/group/members/display_name': {
    by: 'admin',
    given: ({ groupId, member, nats }) =>
      nats.run('setDisplayName', { groupId: String(groupId), userId: String(member), displayName: 'Ann' }),
    fields: ({ groupId, member, owner, stranger }) => ({ group_id: groupId, user_list: [stranger, member, owner] }),
    answers: ({ member, owner }) => ({
      code: 200,
      data: [
        { user_id: member, display_name: 'Ann', join_time: aTime },
        { user_id: owner, display_name: '', join_time: aTime },
      ],
    }),
    refuses: { stranger: 20011 },
  },

  '/group/msg/mute_mode': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, msg_mute_mode: 2 }),
    answers: () => ({ code: 200 }),
    refuses: { stranger: 20011 },
    then: profile({ muteMode: 2 }),
  },

  '/group/msg/push_mode': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, msg_push_mode: 4 }),
    answers: () => ({ code: 200 }),
    refuses: { stranger: 20011 },
    then: profile({ pushMode: 4 }),
  },

  '/group/msg/not_disturb': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, value: true }),
    answers: () => ({ code: 200, data: true }),
    refuses: { stranger: 20011 },
    then: profile({ muteMode: 1 }),
  },
};
