import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { bansEnded, endAfter, isOver, runOutAmong, usersBanned } from '../../facts/bans';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Bans members until the same end; with `until`, those who are not banned for longer. A ban of theirs that has run out is announced first. */
export function ban(data: GroupCommandData<'ban'>, group: LiveGroup, { at }: DecideContext): Decision {
  const { actor, durationMs, until } = data;
  const forbidden = mustBeAllowed('ban', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const isMember = group.membership.members.has(userId);
    const code = isMember ? protectionOf(userId, 'ban', actor, group) : 'NOT_A_MEMBER';
    if (code !== undefined) refused.set(userId, code);
  }
  const end = until === undefined ? endAfter(durationMs, at) : Date.parse(until);
  const isNew = (userId: string): boolean => {
    const before = group.bans.banned.get(userId);
    return until === undefined ? before !== end : !isOver(end, at) && (before ?? 0) < end;
  };
  const going = userIds.filter((userId) => !refused.has(userId) && isNew(userId));
  const events = [...bansEnded(group, runOutAmong(group, going, at), at), ...usersBanned(going, end)];
  return accept(events, resultsOf(userIds, refused));
}
