import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { memberCount, membersAmong, membersGone } from '../../facts/members';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Removes users. A protected one stays, and the others go. */
export function kick({ actor, ...data }: GroupCommandData<'kick'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('kick', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const code = protectionOf(userId, 'kick', actor, group);
    if (code !== undefined) refused.set(userId, code);
  }
  const going = membersAmong(group, userIds).filter((userId) => !refused.has(userId));
  return accept(membersGone('memberKicked', going, memberCount(group)), resultsOf(userIds, refused));
}
