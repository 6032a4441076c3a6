import type { OperationCases } from './operation-case';
import type { World } from './world';

const ofGroup = ({ groupId }: World) => ({ groupId: String(groupId) });
const refuses = { member: 20012, stranger: 20011 } as const;
const block = (world: World) =>
  world.nats.run('block', { ...ofGroup(world), userIds: [String(world.other), String(world.stranger)] });
const isBlocked = (expected: boolean) => async (world: World) => {
  const { blocked } = await world.nats.query('blocked', ofGroup(world));
  expect(blocked.some(({ userId }) => userId === String(world.stranger))).toBe(expected);
};

export const blocks: OperationCases = {
  '/group/block': {
    fields: ({ groupId, member, owner, stranger }) => ({ group_id: groupId, user_list: [member, owner, stranger] }),
    answers: ({ member, owner, stranger }) => ({
      code: 200,
      data: [
        { user_id: member, result: 'success' },
        { user_id: owner, result: 'fail', reason: 'User has no permission' },
        { user_id: stranger, result: 'success' },
      ],
    }),
    refuses,
    then: async (world) => {
      await isBlocked(true)(world);
      const found = await world.nats.query('isMember', { ...ofGroup(world), userId: String(world.member) });
      expect(found.isMember).toBe(false);
    },
  },

  '/group/unblock': {
    given: (world) => world.nats.run('block', { ...ofGroup(world), userIds: [String(world.stranger)] }),
    fields: ({ groupId, stranger }) => ({ group_id: groupId, user_list: [stranger] }),
    answers: ({ stranger }) => ({ code: 200, data: [{ user_id: stranger, result: 'success' }] }),
    refuses,
    then: isBlocked(false),
  },

  '/group/blocked_list': {
    given: block,
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: ({ groupId, other, stranger }) => ({
      code: 200,
      data: [other, stranger]
        .sort((a, b) => (String(a) < String(b) ? -1 : 1))
        .map((id) => ({
          group_id: groupId,
          user_id: id,
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
        })),
      total: 2,
      version: expect.any(Number) as unknown,
    }),
    refuses,
  },
};
