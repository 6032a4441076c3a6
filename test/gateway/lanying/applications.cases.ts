import type { OperationCases } from './operation-case';
import type { World } from './world';

const openForApplications = ({ groupId, nats }: World) =>
  nats.run('changeSettings', { groupId: String(groupId), visibility: 'public', joinPolicy: 'approval' });

const withApplication = async (world: World) => {
  await openForApplications(world);
  const { groupId, stranger, nats } = world;
  await nats.run('apply', { groupId: String(groupId), userId: String(stranger), reason: 'Please' });
};
const applied = ({ groupId, stranger }: World, reason: string) => ({
  group_id: groupId,
  applicant_id: stranger,
  reason,
  status: 0,
  expired_time: expect.any(Number) as unknown,
});

export const applications: OperationCases = {
  '/group/apply': {
    by: 'stranger',
    given: openForApplications,
    fields: ({ groupId }) => ({ group_id: groupId, reason: 'Let me in' }),
    answers: ({ stranger }) => ({ code: 200, data: { user_id: stranger, result: 'success' } }),
    refuses: { member: 20017, owner: 20017 },
    then: async ({ groupId, stranger, nats }) => {
      const { applications: all } = await nats.query('applications', { groupIds: [String(groupId)] });
      expect(all).toMatchObject([{ userId: String(stranger), reason: 'Let me in', status: 'pending' }]);
    },
  },

  '/group/apply/handle': {
    given: withApplication,
    fields: ({ groupId, stranger }) => ({ group_id: groupId, user_id: stranger, approval: true }),
    answers: ({ stranger }) => ({ code: 200, data: { user_id: stranger, result: 'success' } }),
    refuses: { member: 20012, stranger: 20011 },
    then: async ({ groupId, stranger, nats }, by) => {
      const member = await nats.query('member', { groupId: String(groupId), userId: String(stranger) });
      expect(member).toMatchObject({ joinedVia: 'application', joinedBy: String(by) });
    },
  },

  '/group/application_list': {
    given: withApplication,
    fields: ({ groupId }) => ({ group_list: [groupId], limit: 3 }),
    answers: (world) => ({
      code: 200,
      data: [applied(world, 'Please')],
      total: 1,
      version: expect.any(Number) as unknown,
    }),
    refuses: { member: 20012, stranger: 20011 },
  },
};
