import { Map } from 'immutable';
import type { EventMember, GroupEvent, GroupEventData, Role } from '@cohort/contracts';
import { dismissedState, type GroupState, type LiveGroup, type Member } from './state';

/**
 * The state after an event. Events are facts: none is refused and nothing throws, in whatever order they come; one that
 * says nothing about the state it meets changes nothing. Costs O(members the event names).
 */
export function evolve(state: GroupState, event: GroupEvent): GroupState {
  if (event.type === 'created') return state.status === 'none' ? created(event.data) : state;
  if (state.status !== 'live') return state;
  switch (event.type) {
    case 'infoChanged': {
      const { name, description, avatar, ext } = event.data;
      return {
        ...state,
        name: name ?? state.name,
        description: description ?? state.description,
        avatar: avatar ?? state.avatar,
        ext: ext ?? state.ext,
      };
    }
    case 'memberJoined':
      return joined(state, event.data.members);
    case 'memberLeft':
    case 'memberKicked':
      return { ...state, members: state.members.deleteAll(event.data.members.map(({ userId }) => userId)) };
    case 'ownerTransferred': {
      const withNewOwner = joined(withRole(state, [{ userId: state.owner }], 'member'), [{ userId: event.data.to }]);
      return { ...withRole(withNewOwner, [{ userId: event.data.to }], 'owner'), owner: event.data.to };
    }
    case 'adminGranted':
      return withRole(state, notOwner(state, event.data.members), 'admin');
    case 'adminRevoked':
      return withRole(state, notOwner(state, event.data.members), 'member');
    case 'dismissed':
      return dismissedState;
    default:
      return ignore(event, state);
  }
}

function created({ name, owner, numericId, capacity }: GroupEventData['created']): LiveGroup {
  return {
    status: 'live',
    name,
    description: '',
    avatar: '',
    ext: '',
    owner,
    numericId,
    capacity,
    members: Map<string, Member>().set(owner, { role: 'owner', seq: 0 }),
    nextSeq: 1,
  };
}

function joined(group: LiveGroup, members: readonly EventMember[]): LiveGroup {
  let nextSeq = group.nextSeq;
  const next = group.members.withMutations((map) => {
    for (const { userId } of members) if (!map.has(userId)) map.set(userId, { role: 'member', seq: nextSeq++ });
  });
  return { ...group, members: next, nextSeq };
}

function withRole(group: LiveGroup, members: readonly EventMember[], role: Role): LiveGroup {
  const next = group.members.withMutations((map) => {
    for (const { userId } of members) {
      const member = map.get(userId);
      if (member !== undefined && member.role !== role) map.set(userId, { ...member, role });
    }
  });
  return { ...group, members: next };
}

const notOwner = (group: LiveGroup, members: readonly EventMember[]): readonly EventMember[] =>
  members.filter(({ userId }) => userId !== group.owner);

/** Every type above is handled; one that a newer version wrote says nothing to this one. */
const ignore = (_event: never, state: GroupState): GroupState => state;
