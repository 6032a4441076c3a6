import { evolve } from './evolve';
import { initialState, roleOf } from './state';
import { changed, created, granted, joined, left, revoked, transferred } from './testing/facts';
import { stateAfter } from './testing/given';

// Events that `decide` would not make in this place are facts all the same, written by another version or an import.
const rolesAfter = (...events: Parameters<typeof stateAfter>[0]) => {
  const state = stateAfter(events);
  return state.status === 'live' ? Object.fromEntries(state.members.map(({ role }) => role)) : state.status;
};

test('who joins again keeps his role and his place', () => {
  const state = stateAfter([created('o'), joined('join', 3, 'a', 'b'), granted('a'), joined('add', 4, 'a', 'c')]);
  if (state.status !== 'live') throw new Error(state.status);
  expect(roleOf(state, 'a')).toBe('admin');
  expect(state.members.map(({ seq }) => seq).toObject()).toEqual({ o: 0, a: 1, b: 2, c: 3 });
});

test('a new owner who was no member is one now', () => {
  expect(rolesAfter(created('o'), transferred('o', 'x', 'requested'))).toEqual({ o: 'member', x: 'owner' });
});

test('the owner is no admin, given or taken', () => {
  expect(rolesAfter(created('o'), granted('o'))).toEqual({ o: 'owner' });
  expect(rolesAfter(created('o'), revoked('o'))).toEqual({ o: 'owner' });
});

test('who is no member takes no role and leaves nothing', () => {
  expect(rolesAfter(created('o'), granted('x'), revoked('y'), left(1, 'z'))).toEqual({ o: 'owner' });
});

test('a live group is not made again, and none is changed before it is made', () => {
  expect(rolesAfter(created('o'), created('x'))).toEqual({ o: 'owner' });
  expect(evolve(initialState, changed({ name: 'x' }))).toBe(initialState);
});
