import { plan } from './plan';

const groups = [
  { groupId: 'a', name: 'A' },
  { groupId: 'b', name: 'B' },
];
const wanted = { groups, skipped: new Set<string>(), names: true };
const join = (groupId: string, name: string) => ({ kind: 'join', groupId, name });
const leave = (groupId: string) => ({ kind: 'leave', groupId });
const actual = (...entries: [string, string][]) => new Map(entries);

test('a plan joins the missing groups and leaves the others', () => {
  expect(plan(wanted, actual(['b', 'B'], ['c', 'C']))).toEqual([join('a', 'A'), leave('c')]);
});

test('a plan is empty when the lists are equal', () => {
  expect(plan(wanted, actual(['b', 'B'], ['a', 'A']))).toEqual([]);
});

test('a plan for an empty list leaves all groups', () => {
  expect(plan({ ...wanted, groups: [] }, actual(['b', 'B'], ['c', 'C']))).toEqual([leave('b'), leave('c')]);
});

test('a plan applies names at the first look only', () => {
  const renamed = actual(['a', 'A'], ['b', 'old']);
  expect(plan(wanted, renamed)).toEqual([join('b', 'B')]);
  expect(plan({ ...wanted, names: false }, renamed)).toEqual([]);
});

test('a plan neither joins nor leaves a skipped group', () => {
  const without = { ...wanted, skipped: new Set(['a']) };
  expect(plan(without, actual(['b', 'B']))).toEqual([]);
  expect(plan(without, actual(['a', 'A'], ['b', 'B']))).toEqual([]);
});

test('a plan withdraws requests in every group that is not skipped, wanted ones included', () => {
  const none = { ...wanted, groups: [], skipped: new Set(['c']) };
  const withdraw = (groupId: string) => ({ kind: 'withdraw', groupId });
  expect(plan(none, actual(['b', 'B']), ['a', 'b', 'c'])).toEqual([leave('b'), withdraw('a'), withdraw('b')]);
  expect(plan(wanted, actual(['a', 'A'], ['b', 'B']), ['a'])).toEqual([withdraw('a')]);
});
