import type { GroupCommand, GroupCommandData, GroupCommandName } from '@cohort/contracts';
import { addMembers } from './commands/addMembers';
import { changeInfo } from './commands/changeInfo';
import { create } from './commands/create';
import { createOrJoin } from './commands/createOrJoin';
import { dismiss } from './commands/dismiss';
import { join } from './commands/join';
import { kick } from './commands/kick';
import { leave } from './commands/leave';
import { leaveMany } from './commands/leaveMany';
import { transfer } from './commands/transfer';
import { gone, notFound, type DecideContext, type Decision } from './decision';
import type { GroupState, LiveGroup } from './state';

type Decider<N extends GroupCommandName, State> = (
  data: GroupCommandData<N>,
  state: State,
  context: DecideContext,
) => Decision;

/** Most commands are for a live group; the others say themselves what they mean where there is none. */
const DECIDERS: { readonly [N in GroupCommandName]: Decider<N, GroupState> } = {
  create,
  createOrJoin,
  dismiss,
  addMembers: onLive(addMembers),
  changeInfo: onLive(changeInfo),
  join: onLive(join),
  kick: onLive(kick),
  leave: onLive(leave),
  leaveMany: onLive(leaveMany),
  transfer: onLive(transfer),
};

/** What becomes of a command on a group in this state. Pure: the same three give the same decision. */
export function decide<N extends GroupCommandName>(
  { type, data }: GroupCommand<N>,
  state: GroupState,
  context: DecideContext,
): Decision {
  return DECIDERS[type](data, state, context);
}

function onLive<N extends GroupCommandName>(decideLive: Decider<N, LiveGroup>): Decider<N, GroupState> {
  return (data, state, context) => {
    switch (state.status) {
      case 'none':
        return notFound;
      case 'dismissed':
        return gone;
      case 'live':
        return decideLive(data, state, context);
    }
  };
}
