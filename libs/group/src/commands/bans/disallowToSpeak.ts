import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { usersNamed } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Takes users off the allow-list. */
export function disallowToSpeak(data: GroupCommandData<'disallowToSpeak'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const removed = userIds.filter((userId) => group.bans.allowed.has(userId));
  return (
    mustBeAllowed('disallowToSpeak', data.actor, group) ??
    accept(usersNamed('allowListRemoved', removed), resultsOf(userIds, new Map()))
  );
}
