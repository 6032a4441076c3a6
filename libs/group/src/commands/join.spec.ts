import { command, created, dismissed, joined, user } from '../testing/facts';
import { given } from '../testing/given';

const join = (userId: string, fields: object = {}) => command('join', { userId, ...fields });

test('a user comes in, by himself or by a service', () => {
  given(created('o'))
    .when(join('a'))
    .then([joined('join', 2, 'a')]);
  given(created('o'))
    .when(join('a', { actor: user('a') }))
    .then([joined('join', 2, 'a')]);
});

test('not by another user', () => {
  given(created('o'))
    .when(join('a', { actor: user('o') }))
    .refused('FORBIDDEN');
});

test('who is in stays in, also when the group is full', () => {
  given(created('o', { capacity: 1 }))
    .when(join('o'))
    .then([]);
});

test('a full group takes nobody', () => {
  given(created('o', { capacity: 1 }))
    .when(join('a'))
    .refused('CAPACITY_REACHED', { capacity: 1, wanted: 2 });
});

test('only a live group can be joined', () => {
  given().when(join('a')).refused('GROUP_NOT_FOUND');
  given(created('o'), dismissed('requested')).when(join('a')).refused('GROUP_DISMISSED');
});
