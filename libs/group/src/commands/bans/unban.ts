import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { bansEnded } from '../../facts/bans';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Lifts the bans of users, members or not; for others nothing changes. */
export function unban(
  { actor, ...data }: GroupCommandData<'unban'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('unban', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const code = protectionOf(userId, 'unban', actor, group);
    if (code !== undefined) refused.set(userId, code);
  }
  const banned = userIds.filter((userId) => !refused.has(userId) && group.bans.banned.has(userId));
  return accept(bansEnded(group, banned, at), resultsOf(userIds, refused));
}
