import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { strangersAmong, usersNamed } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Puts members on the allow-list. */
export function allowToSpeak(data: GroupCommandData<'allowToSpeak'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const strangers = strangersAmong(group, userIds);
  const refused = new Map<string, ErrorCode>(strangers.map((userId) => [userId, 'NOT_A_MEMBER']));
  const added = userIds.filter((userId) => !refused.has(userId) && !group.bans.allowed.has(userId));
  return (
    mustBeAllowed('allowToSpeak', data.actor, group) ??
    accept(usersNamed('allowListed', added), resultsOf(userIds, refused))
  );
}
