import type { OperationCases } from './operation-case';
import type { World } from './world';

const aTime = expect.any(Number) as unknown;
const isAdmin = (user: (world: World) => number, expected: boolean) => async (world: World) => {
  const { groupId, nats } = world;
  const found = await nats.query('isMember', { groupId: String(groupId), userId: String(user(world)) });
  expect(found.role).toBe(expected ? 'admin' : 'member');
};

export const roles: OperationCases = {
  '/group/transfer': {
    fields: ({ groupId, member }) => ({ group_id: groupId, new_owner: member }),
    answers: ({ member }) => ({ code: 200, data: { user_id: member, result: 'success' } }),
    refuses: { admin: 20013, member: 20013, stranger: 20013 },
    then: async ({ nats, groupId, member }) => {
      expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ owner: String(member) });
    },
  },

  '/group/admin/add': {
    fields: ({ groupId, member, owner, stranger }) => ({ group_id: groupId, user_list: [member, owner, stranger] }),
    answers: ({ member, owner, stranger }) => ({
      code: 200,
      data: [
        { user_id: member, result: 'success' },
        { user_id: owner, result: 'fail', reason: 'User has no permission' },
        { user_id: stranger, result: 'fail', reason: 'The user is not a group member' },
      ],
    }),
    refuses: { admin: 20013, member: 20013, stranger: 20013 },
    then: isAdmin(({ member }) => member, true),
  },

  '/group/admin/remove': {
    fields: ({ groupId, admin }) => ({ group_id: groupId, user_list: [admin] }),
    answers: ({ admin }) => ({ code: 200, data: [{ user_id: admin, result: 'success' }] }),
    refuses: { admin: 20013, member: 20013, stranger: 20013 },
    then: isAdmin(({ admin }) => admin, false),
  },

  '/group/admin_list': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: ({ admin }) => ({ code: 200, data: [{ user_id: admin, display_name: '', join_time: aTime }] }),
    refuses: { stranger: 20011 },
  },
};
