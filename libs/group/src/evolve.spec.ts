import { GROUP_EVENTS } from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  created,
  dismissed,
  infoChanged,
  joined,
  kicked,
  left,
  transferred,
} from '@cohort/contracts/testing';
import { evolve, evolveWith, stepsByType } from './evolve';
import { initialState, noGroup, roleOf, SLICES } from './state';
import type { Slice } from './state/slice';
import { membersOf, stateAfter } from './testing/given';

// Events that `decide` would not make in this place are facts all the same, written by another version or an import.
const rolesAfter = (...events: Parameters<typeof stateAfter>[0]) =>
  Object.fromEntries(membersOf(stateAfter(events)).map(({ userId, role }) => [userId, role]));

test('a member that joins again keeps their role and their place', () => {
  const state = stateAfter([created('o'), joined('join', 3, 'a', 'b'), adminGranted('a'), joined('add', 4, 'a', 'c')]);
  if (state.status !== 'live') throw new Error(state.status);
  expect(roleOf(state, 'a')).toBe('admin');
  expect(state.membership.members.toObject()).toEqual({ o: 0, a: 1, b: 2, c: 3 });
});

test('an admin that leaves and comes back is a plain member', () => {
  const before = [created('o'), joined('join', 3, 'a', 'b'), adminGranted('a', 'b')];
  const back = joined('join', 3, 'a', 'b');
  expect(rolesAfter(...before, left(1, 'a', 'b'), back)).toEqual({ o: 'owner', a: 'member', b: 'member' });
  expect(rolesAfter(...before, kicked(2, 'a'), back)).toEqual({ o: 'owner', a: 'member', b: 'admin' });
});

test('an owner by transfer is a member, also one that was none before', () => {
  expect(rolesAfter(created('o'), transferred('o', 'x', 'requested'))).toEqual({ o: 'member', x: 'owner' });
});

test('an admin that becomes owner is no admin any more, and a plain member after the next transfer', () => {
  const events = [created('o'), joined('join', 2, 'a'), adminGranted('a'), transferred('o', 'a', 'requested')];
  expect(rolesAfter(...events)).toEqual({ o: 'member', a: 'owner' });
  expect(rolesAfter(...events, transferred('a', 'o', 'requested'))).toEqual({ o: 'owner', a: 'member' });
});

test('the owner neither becomes an admin nor ceases to be the owner by an event about admins', () => {
  expect(rolesAfter(created('o'), adminGranted('o'))).toEqual({ o: 'owner' });
  expect(rolesAfter(created('o'), adminRevoked('o'))).toEqual({ o: 'owner' });
});

test('a user that is no member takes no role and leaves nothing', () => {
  expect(rolesAfter(created('o'), adminGranted('x'), adminRevoked('y'), left(1, 'z'))).toEqual({ o: 'owner' });
  expect(rolesAfter(created('o'), adminGranted('x'), joined('join', 2, 'x'))).toEqual({ o: 'owner', x: 'member' });
});

test('a live group is not created again, and no group is changed before it is created or after it is dismissed', () => {
  expect(rolesAfter(created('o'), created('x'))).toEqual({ o: 'owner' });
  expect(evolve(initialState, infoChanged({ name: 'x' }))).toBe(initialState);
  const over = stateAfter([created('o'), dismissed('requested')]);
  expect([created('o'), joined('join', 2, 'x')].reduce(evolve, over)).toBe(over);
});

test('every event type changes a slice, but for the one that ends the group', () => {
  const types = Object.keys(GROUP_EVENTS).filter((type) => type !== 'dismissed');
  expect([...stepsByType(SLICES).keys()].sort()).toEqual(types.sort());
});

describe('a further slice', () => {
  // As bans will be: kept by user, dropped when the user goes.
  const marks: Slice<readonly string[], readonly string[]> = {
    version: 1,
    initial: [],
    evolve: {
      memberJoined: (state, { members }) => [...state, ...members.map(({ userId }) => userId)],
      memberKicked: (state, { members }) => [...state, `${members[0]?.userId} was kicked`],
    },
    whenMembersGo: (state, members) => state.filter((id) => !members.some(({ userId }) => userId === id)),
    pack: (state) => [state],
    unpack: (_state, part) => part,
    weigh: () => 0,
  };
  const evolveMarks = evolveWith({ ...SLICES, marks });
  const marksAfter = (...events: Parameters<typeof stateAfter>[0]) => {
    const state = events.reduce<ReturnType<typeof evolveMarks>>(evolveMarks, noGroup);
    return state.status === 'live' ? state.marks : state.status;
  };

  test('a further slice begins as its initial state', () => expect(marksAfter(created('o'))).toEqual([]));

  test('a further slice evolves by its own events', () =>
    expect(marksAfter(created('o'), joined('join', 2, 'a'))).toEqual(['a']));

  test('a further slice reacts to members that leave or are kicked, and then evolves by that event', () => {
    const before = [created('o'), joined('join', 4, 'a', 'b', 'c')];
    expect(marksAfter(...before, left(3, 'a'))).toEqual(['b', 'c']);
    expect(marksAfter(...before, kicked(2, 'a', 'b'))).toEqual(['c', 'a was kicked']);
  });
});

test('an event replaces the slices that it changes and keeps the others', () => {
  const state = stateAfter([created('o'), joined('join', 2, 'a')]);
  const renamed = evolve(state, infoChanged({ name: 'New' }));
  if (state.status !== 'live' || renamed.status !== 'live') throw new Error('It lives.');
  expect(renamed.info).not.toBe(state.info);
  expect(renamed.membership).toBe(state.membership);
  expect(renamed.roles).toBe(state.roles);
});
