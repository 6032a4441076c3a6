import { COMMANDS, type GroupCommand } from '@cohort/contracts';
import { usersToKnow } from '@cohort/group';
import type { CommandRequest } from './command-request';

/** The users that a command may name only if the tenant's user directory knows them. */
export function usersOf(request: CommandRequest): readonly string[] {
  if (request.type === 'banUserEverywhere') return [request.data.userId];
  // Whoever is to be in no group any more need not be known.
  if (request.type === 'syncUser') return request.data.groups.length > 0 ? [request.data.userId] : [];
  return COMMANDS[request.type].on === 'group' ? usersToKnow(request as unknown as GroupCommand) : [];
}
