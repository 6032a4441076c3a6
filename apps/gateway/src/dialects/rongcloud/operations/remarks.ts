import { unless } from '../../../dialect/group-service';
import { done } from '../envelope';
import { groupId, remark, userId } from '../fields';
import { GONE, operation } from '../operation';
import { remark as remarkView } from '../views';

/** The names of members in a group, which the vendor shows in push notifications. */
export const remarks = [
  operation('setRemark', 'POST', '/group/remarks/set.json', {
    source: 'Go SDK, GroupRemarksSet',
    summary: "sets a member's name in the group",
    input: { userId, groupId, remark },
    does: ({ as, input: { userId, groupId, remark: displayName } }) =>
      unless(GONE, as.command('setDisplayName', { groupId, userId, displayName })),
    answer: done,
  }),

  operation('deleteRemark', 'POST', '/group/remarks/del.json', {
    source: 'Go SDK, GroupRemarksDel',
    summary: "clears a member's name in the group",
    input: { userId, groupId },
    does: ({ as, input: { userId, groupId } }) =>
      unless([...GONE, 'NOT_A_MEMBER'], as.command('setDisplayName', { groupId, userId, displayName: '' })),
    answer: done,
  }),

  operation('remark', 'POST', '/group/remarks/get.json', {
    source: 'Go SDK, GroupRemarksGet',
    summary: "returns a member's name in the group; an empty one, if there is none",
    input: { userId, groupId },
    does: ({ as, input: { userId, groupId } }) =>
      unless(GONE, as.query('memberProfiles', { groupId, userIds: [userId] })),
    answer: remarkView,
  }),
];
