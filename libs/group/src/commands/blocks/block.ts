import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { memberCount, membersAmong, membersGone, usersNamed } from '../../facts/members';
import { mustBeAllowed, protectionOf } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Blocks users. Members among them go first, so that no member is blocked after any event. */
export function block({ actor, ...data }: GroupCommandData<'block'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('block', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const code = protectionOf(userId, 'block', actor, group);
    if (code !== undefined) refused.set(userId, code);
  }
  const blocked = userIds.filter((userId) => !refused.has(userId) && !group.blocks.blocked.has(userId));
  const gone = membersGone('memberKicked', membersAmong(group, blocked), memberCount(group));
  return accept([...gone, ...usersNamed('blocked', blocked)], resultsOf(userIds, refused));
}
