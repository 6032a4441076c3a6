import { groupInfo } from './group-info';
import type { OperationCases } from './operation-case';

export const lifecycle: OperationCases = {
  '/group/create': {
    by: 'stranger',
    fields: ({ member }) => ({
      name: 'Ops',
      type: 1,
      avatar: 'a.png',
      description: 'who is on call',
      user_list: [member],
    }),
    answers: ({ stranger }) => ({
      code: 200,
      data: groupInfo({
        name: 'Ops',
        type: 1,
        avatar: 'a.png',
        description: 'who is on call',
        count: 2,
        owner_id: stranger,
      }),
    }),
  },

  '/group/destroy': {
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: () => ({ code: 200, data: true }),
    refuses: { admin: 20013, member: 20013, stranger: 20013 },
    then: async ({ nats, groupId }) => {
      expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ status: 'dismissed' });
    },
  },
};
