import { COMMANDS, type GroupCommand } from '@cohort/contracts';
import { mayMakeGroup, usersToCount, usersToKnow } from '@cohort/group';
import type { CommandRequest } from './command-request';

/** The users that a command may name only if the tenant's user directory knows them. */
export function usersOf(request: CommandRequest): readonly string[] {
  if (request.type === 'banUserEverywhere') return [request.data.userId];
  // Whoever is to be in no group any more need not be known.
  if (request.type === 'syncUser') return request.data.groups.length > 0 ? [request.data.userId] : [];
  return COMMANDS[request.type].on === 'group' ? usersToKnow(request as unknown as GroupCommand) : [];
}

/** What of a command counts in a tenant that limits groups. */
export interface ToCount {
  readonly users: readonly string[];
  readonly makesGroup: boolean;
}

/** Undefined for a command that no limit concerns. */
export function toCount(request: CommandRequest): ToCount | undefined {
  const { groups, groupsOwnedPerUser, groupsJoinedPerUser } = request.app.limits ?? {};
  const limitsUsers = groupsOwnedPerUser !== undefined || groupsJoinedPerUser !== undefined;
  if ((groups === undefined && !limitsUsers) || COMMANDS[request.type].on !== 'group') return undefined;
  const command = request as unknown as GroupCommand;
  const users = limitsUsers ? usersToCount(command) : [];
  const makesGroup = groups !== undefined && mayMakeGroup(command);
  return makesGroup || users.length > 0 ? { users, makesGroup } : undefined;
}
