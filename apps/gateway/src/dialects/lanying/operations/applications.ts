import type { ApplicationStatus, ApplicationView } from '@cohort/contracts';
import { mayAct, mustLive } from '../access';
import { ms, pageOf, result } from '../envelope';
import { body, bool, existingGroups, groupId, page, reason, userId } from '../fields';
import type { Ids } from '../ids';
import { operation } from '../operation';
import { partOf } from '../paging';
import { INT64, INTEGER, object, STRING } from '../views';

/** 0 pending, 1 accepted, 2 declined. What has run out shows that by its time. */
const STATUS: Readonly<Record<ApplicationStatus, number>> = {
  pending: 0,
  expired: 0,
  approved: 1,
  joined: 1,
  declined: 2,
  withdrawn: 2,
};

const APPLICATION = object({
  group_id: INT64,
  applicant_id: INT64,
  reason: STRING,
  status: { ...INTEGER, description: '0 pending, 1 accepted, 2 declined' },
  expired_time: INT64,
});
const EXAMPLE = { group_id: 2306414607729, applicant_id: 20, reason: '', status: 0, expired_time: 1790000000000 };

const application = (one: ApplicationView, ids: Ids) => ({
  group_id: ids.group(one.groupId),
  applicant_id: ids.user(one.userId),
  reason: one.reason,
  status: STATUS[one.status],
  expired_time: ms(one.expiresAt),
});

/** Users ask to become members. */
export const applications = [
  operation('apply', 'POST', '/group/apply', {
    source: '7.12',
    summary: 'the acting user applies for membership, and is a member at once where no approval is needed',
    access: 'user',
    input: { group_id: groupId, reason },
    does: async ({ as, me, input }) => {
      await as.command('apply', { groupId: input.group_id, userId: me(), reason: input.reason });
      return me();
    },
    answer: result,
  }),

  operation('handleApplication', ['POST', 'PUT'], '/group/apply/handle', {
    source: '7.13, 7.14',
    summary: 'approves or declines the application of a user',
    access: 'actor',
    input: { approval: body.required(bool), group_id: groupId, user_id: userId },
    does: async ({ as, input: { group_id, user_id, approval } }) => {
      await as.command('handleApplication', { groupId: group_id, userId: user_id, approve: approval });
      return user_id;
    },
    answer: result,
  }),

  operation('applications', 'POST', '/group/application_list', {
    source: '7.11',
    summary:
      'returns the applications of some groups, or of all that the acting user administers, the newest first in each',
    access: 'anyone',
    input: { group_list: body.optional(existingGroups), ...page(100) },
    does: async ({ as, actor, me, inGroup, input }) => {
      const groupIds = input.group_list ?? (inGroup === undefined ? undefined : [inGroup]);
      for (const group_id of groupIds ?? []) {
        await mayAct('admin', { as, actor, me, inGroup }, { group_id });
        if (actor.type === 'service') await mustLive(as, group_id);
      }
      const of = groupIds === undefined ? { adminId: me() } : { groupIds };
      return partOf(as, input, async ({ limit, cursor, since, basis }) => {
        const answer = await as.query('applications', {
          ...{ ...of, limit },
          ...(since === undefined ? { cursor } : { sincePosition: since, basis }),
        });
        return { ...answer, entries: answer.applications, version: answer.position };
      });
    },
    answer: pageOf(APPLICATION, EXAMPLE, application, (id) => id),
  }),
];
