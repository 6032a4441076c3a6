import type { GroupCommand } from '@cohort/contracts';
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
import { gone, notFound, refuse, type DecideContext, type Decision } from './decision';
import type { GroupState, LiveGroup } from './state';

/** What becomes of a command on a group in this state. Pure: the same three give the same decision. */
export function decide(command: GroupCommand, state: GroupState, context: DecideContext): Decision {
  switch (command.type) {
    case 'create':
      return create(command.data, state, context);
    case 'createOrJoin':
      return createOrJoin(command.data, state, context);
    case 'changeInfo':
      return onLive(state, (group) => changeInfo(command.data, group));
    case 'join':
      return onLive(state, (group) => join(command.data, group));
    case 'leave':
      return onLive(state, (group) => leave(command.data, group, context));
    case 'leaveMany':
      return onLive(state, (group) => leaveMany(command.data, group, context));
    case 'addMembers':
      return onLive(state, (group) => addMembers(command.data, group));
    case 'kick':
      return onLive(state, (group) => kick(command.data, group));
    case 'transfer':
      return onLive(state, (group) => transfer(command.data, group));
    case 'dismiss':
      return dismiss(command.data, state);
    default:
      return unknownCommand(command);
  }
}

function onLive(state: GroupState, decideLive: (group: LiveGroup) => Decision): Decision {
  switch (state.status) {
    case 'none':
      return notFound;
    case 'dismissed':
      return gone;
    case 'live':
      return decideLive(state);
  }
}

const unknownCommand = (command: never): Decision =>
  refuse('UNKNOWN_OPERATION', `There is no command ${JSON.stringify(command)}.`);
