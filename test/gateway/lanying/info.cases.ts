import type { OperationCase, OperationCases } from './operation-case';

const change = (field: 'name' | 'avatar' | 'description' | 'ext'): OperationCase => ({
  fields: ({ groupId }) => ({ group_id: groupId, value: `a new ${field}` }),
  answers: () => ({ code: 200, data: true }),
  refuses: { member: 20012, stranger: 20011 },
  then: async ({ nats, groupId }) => {
    expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ [field]: `a new ${field}` });
  },
});

export const info: OperationCases = {
  '/group/info/name': change('name'),
  '/group/info/avatar': change('avatar'),
  '/group/info/description': change('description'),
  '/group/info/ext': change('ext'),
};
