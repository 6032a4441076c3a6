import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { bansEnded, runOutAmong } from '../../facts/bans';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Announces those of the users' bans that have run out. */
export function expireBans(data: GroupCommandData<'expireBans'>, group: LiveGroup, { at }: DecideContext): Decision {
  const userIds = distinct(data.userIds);
  return (
    mustBeAllowed('expireBans', data.actor, group) ??
    accept(bansEnded(group, runOutAmong(group, userIds, at), at), resultsOf(userIds, new Map()))
  );
}
