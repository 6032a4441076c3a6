import type { GroupCommand } from '@cohort/contracts';
import { accept, mustBeOwner, notFound, type Decision } from '../decision';
import type { GroupState } from '../state';

type Dismiss = Extract<GroupCommand, { type: 'dismiss' }>['data'];

/** The group ends, by its owner or a service. One that has ended stays so. */
export function dismiss({ actor }: Dismiss, state: GroupState): Decision {
  switch (state.status) {
    case 'none':
      return notFound;
    case 'dismissed':
      return accept([]);
    case 'live':
      return mustBeOwner(actor, state) ?? accept([{ type: 'dismissed', data: { reason: 'requested' } }]);
  }
}
