import type { OperationCases } from './operation-case';
import type { World } from './world';

const invite = ({ groupId, owner, stranger, nats }: World) =>
  nats.run('invite', {
    groupId: String(groupId),
    userIds: [String(stranger)],
    reason: 'Join us',
    actor: { type: 'user', id: String(owner) },
  });
const aTime = expect.any(Number) as unknown;

export const invitations: OperationCases = {
  '/group/invite': {
    fields: ({ groupId, stranger, member }) => ({
      group_id: groupId,
      user_list: [stranger, member],
      reason: 'Join us',
    }),
    answers: ({ stranger, member }) => ({
      code: 200,
      data: [
        { user_id: stranger, result: 'success' },
        { user_id: member, result: 'fail', reason: 'User is already a group member' },
      ],
    }),
    refuses: { member: 20012, stranger: 20011 },
    then: async ({ stranger, nats }, by) => {
      const { invitations: all } = await nats.query('invitations', { userId: String(stranger) });
      expect(all).toMatchObject([{ inviter: String(by), reason: 'Join us', status: 'pending' }]);
    },
  },

  '/group/invite/handle': {
    by: 'stranger',
    given: invite,
    fields: ({ groupId, owner }) => ({ group_id: groupId, user_id: owner, approval: true }),
    answers: () => ({ code: 200, data: true }),
    refuses: { member: 20015 },
    then: async ({ groupId, stranger, owner, nats }) => {
      const member = await nats.query('member', { groupId: String(groupId), userId: String(stranger) });
      expect(member).toMatchObject({ joinedVia: 'invitation', joinedBy: String(owner) });
    },
  },

  '/group/invitation_list': {
    by: 'stranger',
    given: invite,
    fields: () => ({ limit: 3 }),
    answers: ({ groupId, owner, stranger }) => ({
      code: 200,
      data: [
        {
          ...{ group_id: groupId, inviter_id: owner, invitee_id: stranger, reason: 'Join us', status: 0 },
          expired_time: aTime,
          updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
        },
      ],
      total: 1,
      version: aTime,
    }),
  },
};
