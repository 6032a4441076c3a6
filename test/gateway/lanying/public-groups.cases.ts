import type { OperationCases } from './operation-case';

export const publicGroups: OperationCases = {
  '/group/public_list': {
    by: 'stranger',
    given: ({ nats, groupId }) => nats.run('changeSettings', { groupId: String(groupId), visibility: 'public' }),
    fields: () => ({}),
    // Other operations of the same tenant may have made older ones public.
    answers: ({ groupId }) => ({ code: 200, data: expect.arrayContaining([groupId]) as unknown }),
    then: async ({ nats, groupId }) => {
      await nats.run('changeSettings', { groupId: String(groupId), visibility: 'private' });
    },
  },
};
