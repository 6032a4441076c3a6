import { CohortError, PAGE, type ApplicationStatus, type ApplicationView, type ErrorCode } from '@cohort/contracts';
import { mayAct, mustLive, type Acting } from '../access';
import { ms, pageOf, result } from '../envelope';
import { badField, LanyingError } from '../errors';
import { body, bool, groupId, groups, page, reason, userId } from '../fields';
import type { Ids } from '../ids';
import { operation } from '../operation';
import { partOf } from '../paging';
import { INT64, INTEGER, MS, object, STRING } from '../views';

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
  expired_time: MS,
});
const EXAMPLE = { group_id: 2306414607729, applicant_id: 20, reason: '', status: 0, expired_time: 1790000000000 };

const application = (one: ApplicationView, ids: Ids) => ({
  group_id: ids.group(one.groupId),
  applicant_id: ids.user(one.userId),
  reason: one.reason,
  status: STATUS[one.status],
  expired_time: ms(one.expiresAt),
});

/** Groups that are checked at a time. */
const AT_A_TIME = 20;
const GONE: readonly ErrorCode[] = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED', 'DATA_ERASED'];

/**
 * Those of the groups whose applications the caller may read. The vendor's web application names all groups of its user, so
 * the others are left out. If there are only others, the first one's error is thrown.
 */
async function administered(who: Acting, groupIds: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  let refusal: unknown = new LanyingError(20001);
  const check = async (group_id: string) => {
    await mayAct('admin', who, { group_id });
    if (who.actor.type === 'service') await mustLive(who.as, group_id);
  };
  for (let at = 0; at < groupIds.length; at += AT_A_TIME) {
    const some = groupIds.slice(at, at + AT_A_TIME);
    for (const [i, outcome] of (await Promise.allSettled(some.map(check))).entries()) {
      if (outcome.status === 'fulfilled') found.push(some[i]!);
      else if (!isRefusal(outcome.reason)) throw outcome.reason;
      else if (at + i === 0) refusal = outcome.reason;
    }
  }
  if (found.length === 0) throw refusal;
  if (found.length <= PAGE.maxGroupIds) return found;
  throw badField('group_list', `has ${found.length} groups of the caller, at most ${PAGE.maxGroupIds} are allowed`);
}

const isRefusal = (error: unknown): boolean =>
  error instanceof LanyingError || (error instanceof CohortError && GONE.includes(error.code));

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
      'returns the applications of the groups that the acting user administers, of all or of those in the list, the newest first in each',
    access: 'anyone',
    input: { group_list: body.optional(groups), ...page(100) },
    does: async ({ as, actor, me, inGroup, input }) => {
      const named = input.group_list ?? (inGroup === undefined ? undefined : [inGroup]);
      const groupIds = named && (await administered({ as, actor, me, inGroup }, named));
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
