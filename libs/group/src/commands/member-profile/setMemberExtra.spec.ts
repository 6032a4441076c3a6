import { adminGranted, created, joined, memberExtraSet, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 4, 'a', 'm', 'n'), adminGranted('a')];
const entries = (map: Record<string, string>) => Object.entries(map).map(([key, text]) => ({ key, text }));
const extra = ({ set, remove = [] }: { set?: Record<string, string>; remove?: string[] }, by = 'm') =>
  command('setMemberExtra', { actor: user(by), userId: 'm', remove, ...(set ? { set: entries(set) } : {}) });
const many = (count: number, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${from + i}`, 'x']));

test('setMemberExtra writes only the keys that differ', () => {
  given(...group, memberExtraSet('m', { a: '1', b: '2', c: '3' }))
    .when(extra({ set: { a: '1', b: '', d: '4' }, remove: ['c', 'c', 'z'] }))
    .then([memberExtraSet('m', { b: '', d: '4' }, ['c'])]);
});

test('setMemberExtra that changes nothing writes no event', () => {
  given(...group, memberExtraSet('m', { a: '1' }))
    .when(extra({ set: { a: '1' }, remove: ['b'] }))
    .then([]);
  given(...group)
    .when(extra({}))
    .then([]);
});

test('setMemberExtra sets a key that it also removes', () => {
  given(...group, memberExtraSet('m', { a: '1' }))
    .when(extra({ set: { a: '2' }, remove: ['a'] }))
    .then([memberExtraSet('m', { a: '2' })]);
});

test('setMemberExtra takes up to 32 keys, and counts those that remain', () => {
  const full = given(...group, memberExtraSet('m', many(32)));
  full.when(extra({ set: { more: 'x' } })).refused('EXTRA_KEYS_REACHED', { limit: 32, wanted: 33 });
  full.when(extra({ set: { more: 'x' }, remove: ['k0'] })).then([memberExtraSet('m', { more: 'x' }, ['k0'])]);
  full.when(extra({ set: { k1: 'y' } })).then([memberExtraSet('m', { k1: 'y' })]);
});

test('a key may have any name, also one that objects have', () => {
  const named = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>;
  given(...group)
    .when(extra({ set: named }))
    .then([memberExtraSet('m', named)]);
  given(...group, memberExtraSet('m', named))
    .when(extra({ remove: ['__proto__', 'toString'] }))
    .then([memberExtraSet('m', {}, ['__proto__'])]);
});

test('setMemberExtra for another user is for the owner and the admins', () => {
  for (const by of ['o', 'a'])
    given(...group)
      .when(extra({ set: { a: '1' } }, by))
      .then([memberExtraSet('m', { a: '1' })]);
  given(...group)
    .when(extra({ set: { a: '1' } }, 'n'))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(command('setMemberExtra', { userId: 'x', set: entries({ a: '1' }) }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});
