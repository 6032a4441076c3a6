import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { banAllEnded } from '../../facts/bans';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Lifts the ban-all, if there is one. */
export function unbanAll({ actor }: GroupCommandData<'unbanAll'>, group: LiveGroup, { at }: DecideContext): Decision {
  const { all } = group.bans;
  return mustBeAllowed('unbanAll', actor, group) ?? accept(all === undefined ? [] : [banAllEnded(all, at)]);
}
