import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { firstUserIds, groupId, groupName, userId } from '../fields';
import { createOrJoin, GONE, operation } from '../operation';

/** Operations on a group as a whole. */
export const groups = [
  operation('create', 'POST', '/group/create.json', {
    source: 'Group.create',
    summary: 'creates the group, owned by its first user; on a live group the users join',
    input: { groupId, groupName, userId: firstUserIds },
    does: createOrJoin,
    answer: done,
  }),

  operation('dismiss', 'POST', '/group/dismiss.json', {
    source: 'Group.dismiss',
    summary: 'dismisses the group; any user may do this, and the event records the user',
    input: { groupId, userId },
    does: ({ as, input }) =>
      unless(GONE, as.by({ type: 'service', onBehalfOf: input.userId }).command('dismiss', { groupId: input.groupId })),
    answer: done,
  }),

  operation('refresh', 'POST', '/group/refresh.json', {
    source: 'Group.update',
    summary: 'renames the group',
    input: { groupId, groupName },
    does: ({ as, input }) => unless(GONE, as.command('changeInfo', { groupId: input.groupId, name: input.groupName })),
    answer: done,
  }),
];
