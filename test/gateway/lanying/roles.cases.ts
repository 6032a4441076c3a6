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

  '/group/admin_list': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: [] }),
    refuses: { stranger: 20011 },
  },
};
