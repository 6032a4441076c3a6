import type { OperationCases } from './operation-case';

export const roles: OperationCases = {
  '/group/transfer': {
    fields: ({ groupId, member }) => ({ group_id: groupId, new_owner: member }),
    answers: ({ member }) => ({ code: 200, data: { user_id: member, result: 'success' } }),
    refuses: { member: 20013, stranger: 20013 },
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
        { user_id: stranger, result: 'fail', reason: expect.any(String) as unknown },
      ],
    }),
    refuses: { member: 20013, stranger: 20013 },
  },

  '/group/admin/remove': {
    fields: ({ groupId, member }) => ({ group_id: groupId, user_list: [member] }),
    answers: ({ member }) => ({ code: 200, data: [{ user_id: member, result: 'success' }] }),
    refuses: { member: 20013, stranger: 20013 },
  },

  '/group/admin_list': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: [] }),
    refuses: { stranger: 20011 },
  },
};
