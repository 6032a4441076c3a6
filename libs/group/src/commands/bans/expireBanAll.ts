import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { banAllEnded, isOver } from '../../facts/bans';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Announces that the ban-all has run out, if it has. */
export function expireBanAll(
  { actor }: GroupCommandData<'expireBanAll'>,
  { bans, ...group }: LiveGroup,
  { at }: DecideContext,
): Decision {
  const isDue = bans.all !== undefined && isOver(bans.all, at);
  return mustBeAllowed('expireBanAll', actor, { bans, ...group }) ?? accept(isDue ? [banAllEnded(bans.all, at)] : []);
}
