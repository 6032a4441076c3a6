import { isReservedForAliases, type GroupCommandData } from '@cohort/contracts';
import { accept, distinct, gone, mustFit, refuse, type DecideContext, type Decision, type Refused } from '../decision';
import { found } from '../members';
import type { GroupState } from '../state';

/** A group is made by its owner, or by a service for him. */
export function create(data: GroupCommandData<'create'>, state: GroupState, context: DecideContext): Decision {
  const { actor, groupId, name, owner, members = [], capacity = context.groupCapacity } = data;
  if (actor.type === 'user' && actor.id !== owner) {
    return refuse('FORBIDDEN', 'A user may make groups of his own only: owner must be the actor.');
  }
  const others = distinct(members).filter((userId) => userId !== owner);
  return (
    mustBeFree(groupId, state) ??
    mustFit(1 + others.length, capacity) ??
    accept(found({ name, owner, numericId: context.numericId, capacity }, others))
  );
}

function mustBeFree(groupId: string, state: GroupState): Refused | undefined {
  switch (state.status) {
    case 'live':
      return refuse('GROUP_EXISTS', 'Another command made a group with this id.');
    case 'dismissed':
      return gone;
    case 'none':
      return mustNotBeReserved(groupId);
  }
}

/** A refusal when the id lies among the numbers that only aliases may be. */
export function mustNotBeReserved(groupId: string): Refused | undefined {
  if (!isReservedForAliases(groupId)) return undefined;
  return refuse('GROUP_ID_RESERVED', 'groupId must not be a decimal from 2^52 to 2^53-1: those number other groups.');
}
