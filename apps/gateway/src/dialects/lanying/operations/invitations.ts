import type { InvitationStatus, InvitationView } from '@cohort/contracts';
import { ms, pageOf, results, yes } from '../envelope';
import { body, bool, groupId, page, reason, userId, userList } from '../fields';
import type { Ids } from '../ids';
import { toEach } from '../named-users';
import { operation } from '../operation';
import { partOf } from '../paging';
import { INT64, INTEGER, MS, object, STRING } from '../views';

/** 0 pending, 1 accepted, 2 declined. What has run out shows that by its time. */
const STATUS: Readonly<Record<InvitationStatus, number>> = {
  pending: 0,
  expired: 0,
  accepted: 1,
  joined: 1,
  declined: 2,
  withdrawn: 2,
};

const INVITATION = object({
  group_id: INT64,
  inviter_id: INT64,
  invitee_id: INT64,
  reason: STRING,
  status: { ...INTEGER, description: '0 pending, 1 accepted, 2 declined' },
  expired_time: MS,
  updated_at: { type: 'string', format: 'date-time' },
});
const EXAMPLE = {
  ...{ group_id: 2306414607729, inviter_id: 20, invitee_id: 21, reason: '', status: 0 },
  ...{ expired_time: 1790000000000, updated_at: '2026-09-21T14:13:20.000Z' },
};

const invitation = (one: InvitationView, ids: Ids) => ({
  group_id: ids.group(one.groupId),
  inviter_id: ids.user(one.inviter),
  invitee_id: ids.user(one.userId),
  reason: one.reason,
  status: STATUS[one.status],
  expired_time: ms(one.expiresAt),
  updated_at: one.updatedAt,
});

/** Members ask users to become members. */
export const invitations = [
  operation('invite', 'POST', '/group/invite', {
    source: '7.42',
    summary:
      'invites users; members may where the group allows it. Where no consent is needed, they are members at once',
    access: 'actor',
    input: { group_id: groupId, user_list: userList, reason },
    does: ({ as, actor, input: { group_id: groupId, user_list: users, reason } }) => {
      const invite = (userIds: string[]) => as.command('invite', { groupId, userIds, reason });
      // Who may invite is a member, and can't be invited. A service may do anything.
      return toEach(users, invite, (nobody) =>
        actor.type === 'user' ? invite([actor.id]) : as.command('unblock', { groupId, userIds: [nobody] }),
      );
    },
    answer: results,
  }),

  operation('handleInvitation', ['POST', 'PUT'], '/group/invite/handle', {
    source: '7.43, 7.44',
    summary: 'the acting user accepts or declines the invitation of the user `user_id`',
    access: 'user',
    input: { approval: body.required(bool), group_id: groupId, user_id: userId },
    does: ({ as, me, input: { group_id, user_id, approval } }) =>
      as.command('handleInvitation', { groupId: group_id, userId: me(), approve: approval, inviter: user_id }),
    answer: yes,
  }),

  operation('invitations', 'GET', '/group/invitation_list', {
    source: '7.41',
    summary: 'returns the invitations of the acting user, the newest first',
    access: 'user',
    input: page(100),
    does: ({ as, me, input }) =>
      partOf(as, input, async ({ limit, cursor, since, basis }) => {
        const answer = await as.query('invitations', {
          ...{ userId: me(), limit },
          ...(since === undefined ? { cursor } : { sincePosition: since, basis }),
        });
        return { ...answer, entries: answer.invitations, version: answer.position };
      }),
    answer: pageOf(INVITATION, EXAMPLE, invitation, (id) => id),
  }),
];
