import {
  COMMANDS,
  type ErrorCode,
  type GroupCommand,
  type GroupCommandData,
  type GroupCommandName,
} from '@cohort/contracts';
import { distinct, refuse, type DecideContext, type Decision, type Refused } from './decision';
import { usersConcerned } from './named-users';
import type { GroupState } from './state';

/** Decides a command with the data given, which may name fewer users. */
export type Decides<N extends GroupCommandName> = (data: GroupCommandData<N>) => Decision;

/** Users that the details of an error name. */
export const MOST_NAMED = 10;

const directoryAway = refuse(
  'UNAVAILABLE',
  "The tenant's user directory gave no usable answer in time; this attempt changed nothing. Send the command again.",
  { dependency: 'userDirectory' },
);

/** A refusal unless the directory knows all of these users. */
export function mustBeKnown(
  userIds: readonly string[],
  unknownUsers: DecideContext['unknownUsers'],
): Refused | undefined {
  if (unknownUsers === undefined || userIds.length === 0) return undefined;
  if (unknownUsers === 'unavailable') return directoryAway;
  const unknown = distinct(userIds).filter((userId) => unknownUsers.has(userId));
  return unknown.length === 0 ? undefined : usersUnknown(unknown);
}

function usersUnknown(unknown: readonly string[]): Refused {
  const named = unknown.slice(0, MOST_NAMED);
  const more = unknown.length - named.length;
  return refuse('USER_UNKNOWN', `The tenant's user directory doesn't know user ${named.join(', ')}.`, {
    userIds: named,
    ...(more > 0 ? { more } : {}),
  });
}

/**
 * Decides a command in a tenant that may have a user directory. Unknown users get a result each where the command has
 * results; else the whole command is refused. Other reasons to refuse it as a whole come first. Without an answer of the
 * directory only a command that changes nothing is accepted.
 */
export function amongKnown<N extends GroupCommandName>(
  command: GroupCommand<N>,
  state: GroupState,
  { unknownUsers }: DecideContext,
  decides: Decides<N>,
): Decision {
  const data = command.data;
  if (unknownUsers === undefined) return decides(data);
  const users = distinct(usersConcerned(command, state));
  if (unknownUsers === 'unavailable') {
    const decision = decides(data);
    return users.length > 0 && decision.ok && decision.events.length > 0 ? directoryAway : decision;
  }
  const unknown = users.filter((userId) => unknownUsers.has(userId));
  if (unknown.length === 0) return decides(data);
  if (hasResults(data, command.type) && !leavesNobody(data, command.type, unknown)) {
    return withoutUsers(data, new Map(unknown.map((userId) => [userId, 'USER_UNKNOWN'])), decides);
  }
  const decision = decides(data);
  return decision.ok || isAbout(decision, unknown) ? usersUnknown(unknown) : decision;
}

/** Whether a refusal is about one of these users, and not about the group or the actor. */
const isAbout = ({ error: { details } }: Refused, userIds: readonly string[]): boolean =>
  typeof details?.userId === 'string' && userIds.includes(details.userId);

type WithUsers = { readonly userIds: readonly string[] };

/** Whether the command lists users, each of whom gets a result. */
export const hasResults = <D>(data: D, type: GroupCommandName): data is D & WithUsers =>
  COMMANDS[type].names === 'userIds';

/** Whether nobody remains of a command that is malformed without any user. */
const leavesNobody = ({ userIds }: WithUsers, type: GroupCommandName, unknown: readonly string[]): boolean =>
  type === 'createOrJoin' && distinct(userIds).length === unknown.length;

/** Decides a command as if it didn't name some users. These get the results that are given. */
export function withoutUsers<N extends GroupCommandName>(
  data: GroupCommandData<N> & WithUsers,
  refused: ReadonlyMap<string, ErrorCode>,
  decides: Decides<N>,
): Decision {
  const userIds = distinct(data.userIds);
  const decision = decides({ ...data, userIds: userIds.filter((userId) => !refused.has(userId)) });
  if (!decision.ok) return decision;
  const others = new Map(decision.results?.map((result) => [result.userId, result]));
  const results = userIds.map((userId) => {
    const code = refused.get(userId);
    return code === undefined ? (others.get(userId) ?? { userId, ok: true }) : { userId, ok: false, code };
  });
  return { ...decision, results };
}
