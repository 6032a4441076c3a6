import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { applicationWithdrawn } from '../../facts/applications';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** A user takes their application back. */
export function withdrawApplication(
  { actor, userId }: GroupCommandData<'withdrawApplication'>,
  group: LiveGroup,
): Decision {
  const pending = group.applications.pending.get(userId);
  return (
    mustBeAllowed('withdrawApplication', actor, group, [userId]) ??
    accept(pending === undefined ? [] : [applicationWithdrawn(userId, pending.number)])
  );
}
