import { DEFAULT_SETTINGS, type GroupCommandData, type GroupEvent } from '@cohort/contracts';
import {
  accept,
  distinct,
  groupDismissed,
  mustFit,
  refuse,
  resultsOf,
  type DecideContext,
  type Decision,
} from '../../decision';
import { blockedAmong } from '../../facts/blocks';
import { groupCreated, memberCount, membersJoined, strangersAmong } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { GroupState, LiveGroup } from '../../state';
import { mustNotBeReserved } from '../../facts/reserved';
import { disabledOf } from '../decider';

type CreateOrJoin = GroupCommandData<'createOrJoin'>;

/**
 * Users join a live group, but for blocked ones, or the first of them becomes the owner of a new one: what create, join and sync of RongCloud's
 * group module mean. The rules for `join` aren't checked, because only services may send this command.
 */
export function createOrJoin(data: CreateOrJoin, state: GroupState, context: DecideContext): Decision {
  const forbidden = mustBeAllowed('createOrJoin', data.actor, state);
  if (forbidden) return forbidden;
  const userIds = distinct(data.userIds);
  const [first] = userIds;
  if (first === undefined) {
    const message = 'userIds must name at least one user';
    return refuse('VALIDATION_FAILED', message, { fields: [{ field: 'userIds', message }] });
  }
  switch (state.status) {
    case 'none':
      return createNew(data, first, userIds, context);
    case 'live':
      return disabledOf(state) ?? joinLive(data, userIds, state);
    case 'dismissed':
      return groupDismissed;
  }
}

function createNew(data: CreateOrJoin, owner: string, userIds: string[], context: DecideContext): Decision {
  const { groupId, name = groupId, capacity = context.groupCapacity, sync } = data;
  const group = {
    name,
    owner,
    numericId: context.numericId,
    capacity,
    settings: DEFAULT_SETTINGS,
    ...(sync === undefined ? {} : { sync }),
  };
  return (
    mustNotBeReserved(groupId) ??
    mustFit(userIds.length, capacity) ??
    accept(groupCreated(group, userIds.slice(1)), resultsOf(userIds, new Map()))
  );
}

function joinLive({ name, rename, sync }: CreateOrJoin, userIds: string[], group: LiveGroup): Decision {
  const refused = blockedAmong(group, userIds);
  const joining = strangersAmong(group, userIds).filter((userId) => !refused.has(userId));
  const count = memberCount(group);
  const renamed: GroupEvent[] =
    rename === true && name !== undefined && name !== group.info.name && refused.size < userIds.length
      ? [{ type: 'infoChanged', data: { name, ...(sync === undefined ? {} : { sync, syncOf: userIds[0] }) } }]
      : [];
  const joined = membersJoined(joining, sync === undefined ? 'join' : 'sync', count, { sync });
  return (
    mustFit(count + joining.length, group.membership.capacity) ??
    accept([...renamed, ...joined], resultsOf(userIds, refused))
  );
}
