import { idsOf, notice, notifiesNobody, type Rules } from './rule';

export const bans: Rules<'banned' | 'unbanned' | 'allBanned' | 'allUnbanned' | 'allowListed' | 'allowListRemoved'> = {
  banned: ({ users, until }) => notice('banned', idsOf(users), until === undefined ? {} : { until }),

  /** Also when the ban ran out. */
  unbanned: ({ users, reason, endedAt }) =>
    notice('unbanned', idsOf(users), { reason, ...(endedAt === undefined ? {} : { endedAt }) }),

  /** Concerns every member alike: they see it in the feed. */
  allBanned: notifiesNobody,
  allUnbanned: notifiesNobody,

  allowListed: notifiesNobody,
  allowListRemoved: notifiesNobody,
};
