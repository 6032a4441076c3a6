import { created, joined, left, membersImported, transferred } from '@cohort/contracts/testing';
import { NewMembers } from './new-members';

const of = (signal = new AbortController().signal) => new NewMembers(signal);
const idsOf = (users: readonly { userId: string }[]) => users.map(({ userId }) => userId);

test('owners and users who join are queued, users who leave are not', () => {
  const users = of();
  users.add('demo', created('ann'), '1');
  users.add('demo', joined('add', 3, 'bob', 'cid'), '2');
  users.add('demo', left(2, 'dot'), '3');
  expect(idsOf(users.first(10))).toEqual(['ann', 'bob', 'cid']);
});

test('imported members are queued, and so is an owner whom a transfer made a member', () => {
  const users = of();
  users.add('demo', membersImported(0, 3, { userId: 'bob', role: 'admin' }, { userId: 'cid' }), '1');
  users.add('demo', transferred('bob', 'dot'), '2');
  expect(idsOf(users.first(10))).toEqual(['bob', 'cid', 'dot']);
});

test('a user whose id is a number is not queued, and any other user once', () => {
  const users = of();
  users.add('demo', joined('add', 3, '20', 'bob', '4503599627370496'), '1');
  users.add('demo', joined('add', 3, 'bob', 'cid'), '2');
  users.add('other', joined('add', 3, 'bob'), '3');
  expect(users.size).toBe(4);
  users.done(4);
  users.add('demo', joined('add', 3, 'bob'), '4');
  expect(users.size).toBe(0);
});

test('one query has users of one tenant, in the order of the log', () => {
  const users = of();
  users.add('a', joined('add', 3, 'u1', 'u2', 'u3'), '1');
  users.add('b', joined('add', 3, 'u4'), '2');
  users.add('a', joined('add', 3, 'u5'), '3');
  expect(idsOf(users.first(2))).toEqual(['u1', 'u2']);
  users.done(2);
  expect(idsOf(users.first(2))).toEqual(['u3']);
  users.done(1);
  expect(users.first(2)).toEqual([{ app: 'b', userId: 'u4', since: '2' }]);
});

test('unfinished work begins at the first user without a number', () => {
  const users = of();
  expect(users.since).toBeUndefined();
  users.add('demo', joined('add', 3, 'u1', 'u2'), '1');
  users.add('demo', joined('add', 3, 'u3'), '5');
  users.done(1);
  expect(users.since).toBe('1');
  users.done(1);
  expect(users.since).toBe('5');
  users.done(1);
  expect(users.since).toBeUndefined();
});

test('a wait ends when users are queued or done, and at the stop', async () => {
  const stop = new AbortController();
  const users = of(stop.signal);
  const queued = users.change();
  users.add('demo', created('ann'), '1');
  await queued;
  const done = users.change();
  users.done(1);
  await done;
  const stopped = users.change();
  stop.abort();
  await stopped;
});
