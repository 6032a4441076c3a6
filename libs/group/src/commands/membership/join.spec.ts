import { created, dismissed, joined, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const join = (userId: string, fields: object = {}) => command('join', { userId, ...fields });

test('a user joins by themself or by a service', () => {
  given(created('o'))
    .when(join('a'))
    .then([joined('join', 2, 'a')]);
  given(created('o'))
    .when(join('a', { actor: user('a') }))
    .then([joined('join', 2, 'a')]);
});

test('join for another user is refused', () => {
  given(created('o'))
    .when(join('a', { actor: user('o') }))
    .refused('FORBIDDEN');
});

test('join of a member changes nothing, also when the group is full', () => {
  given(created('o', { capacity: 1 }))
    .when(join('o'))
    .then([]);
});

test('a full group refuses join', () => {
  given(created('o', { capacity: 1 }))
    .when(join('a'))
    .refused('CAPACITY_REACHED', { capacity: 1, wanted: 2 });
});

test('join refuses an unknown group and a dismissed one', () => {
  given().when(join('a')).refused('GROUP_NOT_FOUND');
  given(created('o'), dismissed('requested')).when(join('a')).refused('GROUP_DISMISSED');
});
