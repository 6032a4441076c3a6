import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { allBannedUntil, banAllEnded, endAfter, isOver } from '../../facts/bans';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Bans all plain members, in place of an earlier ban-all. One that has run out is announced first. */
export function banAll(data: GroupCommandData<'banAll'>, group: LiveGroup, { at }: DecideContext): Decision {
  const { all } = group.bans;
  const end = endAfter(data.durationMs, at);
  const over = all !== undefined && isOver(all, at) ? [banAllEnded(all, at)] : [];
  return mustBeAllowed('banAll', data.actor, group) ?? accept(all === end ? [] : [...over, allBannedUntil(end)]);
}
