import type { OperationCases } from './operation-case';
import type { World } from './world';

const isMember = (user: (world: World) => number, expected: boolean) => async (world: World) => {
  const { groupId, nats } = world;
  const found = await nats.query('isMember', { groupId: String(groupId), userId: String(user(world)) });
  expect(found.isMember).toBe(expected);
};
const aTime = expect.any(Number) as unknown;

export const members: OperationCases = {
  '/group/leave': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: true }),
    refuses: { owner: 20004, stranger: 20011 },
    then: isMember(({ member }) => member, false),
  },

  '/group/kick': {
    fields: ({ groupId, member, owner, stranger }) => ({ group_id: groupId, user_list: [member, owner, stranger] }),
    answers: ({ member, owner, stranger }) => ({
      code: 200,
      data: [
        { user_id: member, result: 'success' },
        { user_id: owner, result: 'fail', reason: 'User has no permission' },
        { user_id: stranger, result: 'success' },
      ],
    }),
    refuses: { member: 20012, stranger: 20011 },
    then: isMember(({ member }) => member, false),
  },

  '/group/member_list': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, limit: 3 }),
    answers: ({ owner, admin, member }) => ({
      code: 200,
      data: [owner, admin, member].map((id) => ({ user_id: id, display_name: '', join_time: aTime })),
      cursor: expect.any(String) as unknown,
      total: 4,
      version: expect.any(Number) as unknown,
    }),
    refuses: { stranger: 20011 },
  },

  '/group/user_joined': {
    by: 'member',
    fields: () => ({}),
    answers: ({ groupId }) => ({ code: 200, data: [groupId] }),
  },
};
