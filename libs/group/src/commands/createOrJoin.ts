import type { GroupCommandData, GroupEvent } from '@cohort/contracts';
import { accept, distinct, gone, mustFit, refuse, resultsOf, type DecideContext, type Decision } from '../decision';
import { found, join, strangers } from '../members';
import type { GroupState, LiveGroup } from '../state';
import { mustNotBeReserved } from './create';

type CreateOrJoin = GroupCommandData<'createOrJoin'>;

/** Users join a live group, or make it, the first of them as owner (seed 000). Services only: nobody asks the group. */
export function createOrJoin(data: CreateOrJoin, state: GroupState, context: DecideContext): Decision {
  if (data.actor.type === 'user') return refuse('FORBIDDEN', 'Only a service may do this.');
  const userIds = distinct(data.userIds);
  const [first] = userIds;
  if (first === undefined) {
    const message = 'userIds must name at least one user';
    return refuse('VALIDATION_FAILED', message, { fields: [{ field: 'userIds', message }] });
  }
  switch (state.status) {
    case 'none':
      return make(data, first, userIds, context);
    case 'live':
      return joinLive(data, userIds, state);
    case 'dismissed':
      return gone;
  }
}

function make(data: CreateOrJoin, owner: string, userIds: string[], context: DecideContext): Decision {
  const { groupId, name = groupId, capacity = context.groupCapacity, sync } = data;
  const group = { name, owner, numericId: context.numericId, capacity, ...(sync === undefined ? {} : { sync }) };
  return (
    mustNotBeReserved(groupId) ??
    mustFit(userIds.length, capacity) ??
    accept(found(group, userIds.slice(1)), resultsOf(userIds, new Map()))
  );
}

function joinLive({ name, rename, sync }: CreateOrJoin, userIds: string[], group: LiveGroup): Decision {
  const wanted = strangers(group, userIds);
  const renamed: GroupEvent[] =
    rename === true && name !== undefined && name !== group.name
      ? [{ type: 'infoChanged', data: { name, ...(sync === undefined ? {} : { sync, syncOf: userIds[0] }) } }]
      : [];
  const joined = join(wanted, sync === undefined ? 'join' : 'sync', group.members.size, sync);
  return (
    mustFit(group.members.size + wanted.length, group.capacity) ??
    accept([...renamed, ...joined], resultsOf(userIds, new Map()))
  );
}
