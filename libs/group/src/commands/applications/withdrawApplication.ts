import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { applicationEnded } from '../../facts/applications';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** A user takes their application back. */
export function withdrawApplication(
  { actor, userId }: GroupCommandData<'withdrawApplication'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const pending = group.applications.pending.get(userId);
  return (
    mustBeAllowed('withdrawApplication', actor, group, [userId]) ??
    accept(pending === undefined ? [] : [applicationEnded(userId, pending, at)])
  );
}
