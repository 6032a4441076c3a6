import { groupInfo, groupSummary } from './group-info';
import type { OperationCase, OperationCases } from './operation-case';

const change = (field: 'name' | 'avatar' | 'description' | 'ext'): OperationCase => ({
  fields: ({ groupId }) => ({ group_id: groupId, value: `a new ${field}` }),
  answers: () => ({ code: 200, data: true }),
  refuses: { member: 20012, stranger: 20011 },
  then: async ({ nats, groupId }) => {
    expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ [field]: `a new ${field}` });
  },
});

const whole: OperationCase = {
  by: 'member',
  fields: ({ groupId }) => ({ group_id: groupId }),
  answers: ({ groupId, owner }) => ({
    code: 200,
    data: groupInfo({ group_id: groupId, owner_id: owner, count: 4, member_invite: false }),
  }),
  refuses: { stranger: 20011 },
};

export const info: OperationCases = {
  '/group/info': whole,
  '/group/settings': whole,
  '/group/info/batch': {
    by: 'member',
    fields: ({ groupId }) => ({ group_list: [6_000_001, groupId] }),
    answers: ({ groupId, owner }) => ({
      code: 200,
      data: [groupSummary({ group_id: groupId, owner, count: 4 })],
    }),
  },
  '/group/info/name': change('name'),
  '/group/info/avatar': change('avatar'),
  '/group/info/description': change('description'),
  '/group/info/ext': change('ext'),
};
