import { plan } from './plan';

const groups = [
  { groupId: 'a', name: 'A' },
  { groupId: 'b', name: 'B' },
];
const wanted = { groups, skipped: new Set<string>(), names: true };
const join = (groupId: string, name: string) => ({ kind: 'join', groupId, name });
const leave = (groupId: string) => ({ kind: 'leave', groupId });
const actual = (...entries: [string, string][]) => new Map(entries);

test('missing groups are joined, others left', () => {
  expect(plan(wanted, actual(['b', 'B'], ['c', 'C']))).toEqual([join('a', 'A'), leave('c')]);
});

test('equal lists: nothing to do', () => {
  expect(plan(wanted, actual(['b', 'B'], ['a', 'A']))).toEqual([]);
});

test('no group at all: all are left', () => {
  expect(plan({ ...wanted, groups: [] }, actual(['b', 'B'], ['c', 'C']))).toEqual([leave('b'), leave('c')]);
});

test('another name is taken over, at the first look only', () => {
  const renamed = actual(['a', 'A'], ['b', 'old']);
  expect(plan(wanted, renamed)).toEqual([join('b', 'B')]);
  expect(plan({ ...wanted, names: false }, renamed)).toEqual([]);
});

test('what can not be joined is not asked for again, nor left', () => {
  const without = { ...wanted, skipped: new Set(['a']) };
  expect(plan(without, actual(['b', 'B']))).toEqual([]);
  expect(plan(without, actual(['a', 'A'], ['b', 'B']))).toEqual([]);
});
