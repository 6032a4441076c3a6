import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustBeOwner, notFound, type Decision } from '../decision';
import type { GroupState } from '../state';

/** The group ends, by its owner or a service. One that has ended stays so. */
export function dismiss({ actor }: GroupCommandData<'dismiss'>, state: GroupState): Decision {
  switch (state.status) {
    case 'none':
      return notFound;
    case 'dismissed':
      return accept([]);
    case 'live':
      return mustBeOwner(actor, state) ?? accept([{ type: 'dismissed', data: { reason: 'requested' } }]);
  }
}
