import type { GroupCommandData, GroupCommandName } from '@cohort/contracts';
import { groupDismissed, groupNotFound, type DecideContext, type Decision } from '../decision';
import type { GroupState, LiveGroup } from '../state';

export type Decider<N extends GroupCommandName, State = GroupState> = (
  data: GroupCommandData<N>,
  state: State,
  context: DecideContext,
) => Decision;

/** The deciders of one feature. */
export type Deciders = { readonly [N in GroupCommandName]?: Decider<N> };

/** A command that only a live group can carry out. Another command decides itself what it means without one. */
export function onLive<N extends GroupCommandName>(decideLive: Decider<N, LiveGroup>): Decider<N> {
  return (data, state, context) => {
    switch (state.status) {
      case 'none':
        return groupNotFound;
      case 'dismissed':
        return groupDismissed;
      case 'live':
        return decideLive(data, state, context);
    }
  };
}
