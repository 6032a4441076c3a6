import { everyPage } from '@cohort/client';
import { PAGE } from '@cohort/contracts';
import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { fewUserIds, groupId, optionalGroupName } from '../fields';
import { notice, noticeOf } from '../notice';
import { createOrJoin, GONE, operation } from '../operation';
import { users } from '../views';

/** Operations on the members of one group. */
export const members = [
  operation('join', 'POST', '/group/join.json', {
    source: 'Group.join',
    summary: 'the users join; an unknown group is created, and without a name its id is the name',
    input: { groupId, groupName: optionalGroupName, userId: fewUserIds, ...notice },
    does: createOrJoin,
    answer: done,
  }),

  // The SDKs' kick sends the same call, so the users need not be those who act.
  operation('quit', 'POST', '/group/quit.json', {
    source: 'Group.quit',
    summary: 'the users leave; the oldest member succeeds an owner, an empty group is dismissed',
    input: { groupId, userId: fewUserIds, ...notice },
    does: ({ as, input: { groupId, userId: userIds, ...given } }) =>
      unless(GONE, as.command('leaveMany', { groupId, userIds, ownerPolicy: 'oldestMember', ...noticeOf(given) })),
    answer: done,
  }),

  operation('members', 'POST', '/group/user/query.json', {
    source: 'Group.get',
    summary: 'returns all members in the order in which they joined',
    input: { groupId },
    does: async ({ as, input: { groupId } }) => {
      const page = (cursor?: string) => as.query('members', { groupId, limit: PAGE.maxLimit, cursor });
      return (await unless(GONE, everyPage(page))) ?? [];
    },
    answer: users,
  }),
];
