import type { OperationCases } from './operation-case';

export const lifecycle: OperationCases = {
  '/group/destroy': {
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: true }),
    refuses: { member: 20013, stranger: 20013 },
    then: async ({ nats, groupId }) => {
      expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ status: 'dismissed' });
    },
  },
};
