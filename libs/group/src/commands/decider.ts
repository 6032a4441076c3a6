import type { GroupCommandData, GroupCommandName } from '@cohort/contracts';
import {
  groupDisabled,
  groupDismissed,
  groupNotFound,
  type DecideContext,
  type Decision,
  type Refused,
} from '../decision';
import type { GroupState, LiveGroup } from '../state';

export type Decider<N extends GroupCommandName, State = GroupState> = (
  data: GroupCommandData<N>,
  state: State,
  context: DecideContext,
) => Decision;

/** The deciders of one feature. */
export type Deciders = { readonly [N in GroupCommandName]?: Decider<N> };

/**
 * A command that only a live group can carry out, and no disabled one. Another command decides itself what it means
 * without a live group.
 */
export const onLive = <N extends GroupCommandName>(decideLive: Decider<N, LiveGroup>): Decider<N> =>
  onAnyLive((data, group, context) => disabledOf(group) ?? decideLive(data, group, context));

/** A command that a live group carries out even when it is disabled. */
export function onAnyLive<N extends GroupCommandName>(decideLive: Decider<N, LiveGroup>): Decider<N> {
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

/** The refusal of a disabled group. */
export const disabledOf = ({ lifecycle }: LiveGroup): Refused | undefined =>
  lifecycle.disabled ? groupDisabled : undefined;
