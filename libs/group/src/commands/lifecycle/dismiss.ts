import type { GroupCommandData } from '@cohort/contracts';
import { accept, groupNotFound, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { GroupState } from '../../state';

/** Ends the group, a disabled one, too. For a dismissed group nothing changes, and every actor is allowed. */
export function dismiss({ actor }: GroupCommandData<'dismiss'>, state: GroupState): Decision {
  switch (state.status) {
    case 'none':
      return groupNotFound;
    case 'dismissed':
      return accept([]);
    case 'live':
      return (
        mustBeAllowed('dismiss', actor, state) ??
        accept([{ type: 'dismissed', data: { reason: 'requested', threads: true } }])
      );
  }
}
