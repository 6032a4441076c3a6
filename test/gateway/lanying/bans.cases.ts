import type { OperationCases } from './operation-case';
import type { World } from './world';

const ofGroup = ({ groupId }: World) => ({ groupId: String(groupId) });
const aTime = expect.any(Number) as unknown;
const canSpeak = (expected: boolean) => async (world: World) => {
  const found = await world.nats.query('canSpeak', { ...ofGroup(world), userId: String(world.member) });
  expect(found.canSpeak).toBe(expected);
};
const ban = (world: World) => world.nats.run('ban', { ...ofGroup(world), userIds: [String(world.member)] });
const refuses = { member: 20012, stranger: 20011 } as const;

export const bans: OperationCases = {
  '/group/ban': {
    fields: ({ groupId, member, owner, stranger }) => ({
      group_id: groupId,
      user_list: [member, owner, stranger],
      duration: 5,
    }),
    answers: ({ member, owner, stranger }) => ({
      code: 200,
      data: [
        { user_id: member, result: 'success' },
        { user_id: owner, result: 'fail', reason: 'User has no permission' },
        { user_id: stranger, result: 'fail', reason: 'The user is not a group member' },
      ],
    }),
    refuses,
    then: canSpeak(false),
  },

  '/group/unban': {
    given: ban,
    fields: ({ groupId, member, other }) => ({ group_id: groupId, user_list: [member, other] }),
    answers: ({ member, other }) => ({
      code: 200,
      data: [member, other].map((id) => ({ user_id: id, result: 'success' })),
    }),
    refuses,
    then: canSpeak(true),
  },

  '/group/banned_list': {
    given: async (world) => {
      await world.nats.run('ban', { ...ofGroup(world), userIds: [String(world.other)], durationMs: 600_000 });
      await world.nats.run('kick', { ...ofGroup(world), userIds: [String(world.other)] });
      await ban(world);
    },
    fields: ({ groupId }) => ({ group_id: groupId }),
    // In the order of the users' ids; a user who left has no time of joining.
    answers: ({ member, other }) => ({
      code: 200,
      data: [
        { user_id: member, display_name: '', join_time: aTime, expired_time: -1 },
        { user_id: other, display_name: '', join_time: 0, expired_time: aTime },
      ].sort((a, b) => (String(a.user_id) < String(b.user_id) ? -1 : 1)),
      total: 2,
      version: aTime,
    }),
    refuses,
  },

  '/group/settings/ban_all': {
    fields: ({ groupId }) => ({ group_id: groupId, duration: 10 }),
    answers: () => ({ code: 200, data: { ban_expire_time: aTime } }),
    refuses,
    then: async (world) => {
      const { banAll } = await world.nats.query('group', ofGroup(world));
      const left = Date.parse(banAll!.until!) - Date.now();
      expect(left).toBeGreaterThan(9 * 60_000);
      expect(left).toBeLessThanOrEqual(10 * 60_000);
      await canSpeak(false)(world);
    },
  },

  '/group/settings/unban_all': {
    given: (world) => world.nats.run('banAll', ofGroup(world)),
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: true }),
    refuses,
    then: canSpeak(true),
  },
};
