import { DEFAULT_SETTINGS } from '@cohort/contracts';
import { created, dismissed, joined, settingsChanged, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const join = (userId: string, fields: object = {}) => command('join', { userId, ...fields });

test('a user joins by themself or by a service', () => {
  given(created('o'))
    .when(join('a'))
    .then([joined('join', 2, 'a')]);
  given(created('o', { settings: { ...DEFAULT_SETTINGS, visibility: 'public', joinPolicy: 'open' } }))
    .when(join('a', { actor: user('a') }))
    .then([joined('join', 2, 'a')]);
});

test.each([
  [{ visibility: 'private', joinPolicy: 'open' }, 'INVITATION_ONLY'],
  [{ visibility: 'public', joinPolicy: 'approval' }, 'APPROVAL_NEEDED'],
  [{ visibility: 'public', joinPolicy: 'forbidden' }, 'INVITATION_ONLY'],
] as const)('under %j a user who joins by themself is refused with %s, and a service joins them', (settings, code) => {
  const group = given(created('o'), settingsChanged(settings));
  group.when(join('a', { actor: user('a') })).refused(code);
  group.when(join('a')).then([joined('join', 2, 'a')]);
});

test('a chatroom is joined by any user, whatever its join policy says', () => {
  given(created('o'), settingsChanged({ visibility: 'chatroom', joinPolicy: 'forbidden' }))
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
