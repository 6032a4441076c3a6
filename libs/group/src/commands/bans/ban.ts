import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { bansEnded, endAfter, runOutAmong, usersBanned } from '../../facts/bans';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Bans members until the same end. A ban of theirs that has run out is announced first. */
export function ban(data: GroupCommandData<'ban'>, group: LiveGroup, { at }: DecideContext): Decision {
  const { actor, durationMs } = data;
  const forbidden = mustBeAllowed('ban', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const isMember = group.membership.members.has(userId);
    const code = isMember ? protectionOf(userId, 'ban', actor, group) : 'NOT_A_MEMBER';
    if (code !== undefined) refused.set(userId, code);
  }
  const end = endAfter(durationMs, at);
  const going = userIds.filter((userId) => !refused.has(userId) && group.bans.banned.get(userId) !== end);
  const events = [...bansEnded(group, runOutAmong(group, going, at), at), ...usersBanned(going, end)];
  return accept(events, resultsOf(userIds, refused));
}
