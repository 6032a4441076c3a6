import {
  errorBody,
  type Actor,
  type ErrorBody,
  type ErrorCode,
  type GroupEvent,
  type OwnerPolicy,
  type UserResult,
} from '@cohort/contracts';
import { roleOf, type LiveGroup } from './state';

/** What a decision needs and the state doesn't hold. */
export interface DecideContext {
  /** The number a group gets if this command makes it: its own id, or an alias reserved for it. */
  readonly numericId: string;
  /** The app's policy for owners who leave. */
  readonly ownerPolicy: OwnerPolicy;
  /** Capacity of a group made without one. */
  readonly groupCapacity: number;
}

/**
 * What becomes of a command. No events: it held already. `results`: one entry for each user that the command names, in
 * the given order, repeats once; every user that isn't refused is `ok`, whether it took an event or not.
 */
export type Decision = Accepted | Refused;
export interface Accepted {
  readonly ok: true;
  readonly events: readonly GroupEvent[];
  readonly results?: readonly UserResult[];
}
export interface Refused {
  readonly ok: false;
  readonly error: ErrorBody;
}

export const accept = (events: readonly GroupEvent[], results?: readonly UserResult[]): Accepted =>
  results === undefined ? { ok: true, events } : { ok: true, events, results };

export const refuse = (code: ErrorCode, message: string, details?: ErrorBody['details']): Refused => ({
  ok: false,
  error: errorBody(code, message, details),
});

/** Results of a command that named these users, but for the refused all well. */
export const resultsOf = (userIds: readonly string[], refused: ReadonlyMap<string, ErrorCode>): UserResult[] =>
  userIds.map((userId) => {
    const code = refused.get(userId);
    return code === undefined ? { userId, ok: true } : { userId, ok: false, code };
  });

/** In order of first mention. */
export const distinct = (userIds: readonly string[]): string[] => [...new Set(userIds)];

/** A refusal when a user speaks for somebody else. */
export function mustActForHimself(actor: Actor, userIds: readonly string[]): Refused | undefined {
  if (actor.type === 'service' || userIds.every((userId) => userId === actor.id)) return undefined;
  return refuse('FORBIDDEN', 'A user may do this for himself only.');
}

/** A refusal when a user acts who is neither the owner nor an admin. */
export function mustBeAdmin(actor: Actor, group: LiveGroup): Refused | undefined {
  if (actor.type === 'service') return undefined;
  switch (roleOf(group, actor.id)) {
    case 'owner':
    case 'admin':
      return undefined;
    case 'member':
      return refuse('ADMIN_ONLY', 'Only the owner and the admins of the group may do this.');
    case undefined:
      return notAMember(actor.id);
  }
}

/** A refusal when a user acts who isn't the owner. */
export function mustBeOwner(actor: Actor, group: LiveGroup): Refused | undefined {
  if (actor.type === 'service' || actor.id === group.owner) return undefined;
  return refuse('OWNER_ONLY', 'Only the owner of the group may do this.');
}

export const notAMember = (userId: string): Refused =>
  refuse('NOT_A_MEMBER', `User ${userId} is not a member of the group.`, { userId });

/** A refusal when so many members are more than the group may have. */
export function mustFit(wanted: number, capacity: number): Refused | undefined {
  if (wanted <= capacity) return undefined;
  const message = `The group may have at most ${capacity} members; with these users it would have ${wanted}.`;
  return refuse('CAPACITY_REACHED', message, { capacity, wanted });
}

export const notFound = refuse('GROUP_NOT_FOUND', 'There is no group with this id.');
export const gone = refuse('GROUP_DISMISSED', 'The group was dismissed; its id is not given out again.');
