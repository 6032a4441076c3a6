import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { firstUserIds, groupId, groupName, userId } from '../fields';
import { notice, noticeOf } from '../notice';
import { createOrJoin, GONE, operation } from '../operation';

/** Operations on a group as a whole. */
export const groups = [
  operation('create', 'POST', '/group/create.json', {
    source: 'Group.create',
    summary: 'creates the group, owned by its first user; on a live group the users join',
    input: { groupId, groupName, userId: firstUserIds, ...notice },
    does: createOrJoin,
    answer: done,
  }),

  operation('dismiss', 'POST', '/group/dismiss.json', {
    source: 'Group.dismiss',
    summary: 'dismisses the group; any user may do this, and the event records the user',
    input: { groupId, userId, ...notice },
    does: ({ as, input: { groupId, userId: onBehalfOf, ...given } }) =>
      unless(GONE, as.by({ type: 'service', onBehalfOf }).command('dismiss', { groupId, ...noticeOf(given) })),
    answer: done,
  }),

  operation('refresh', 'POST', '/group/refresh.json', {
    source: 'Group.update',
    summary: 'renames the group',
    input: { groupId, groupName, ...notice },
    does: ({ as, input: { groupId, groupName: name, ...given } }) =>
      unless(GONE, as.command('changeInfo', { groupId, name, ...noticeOf(given) })),
    answer: done,
  }),
];
