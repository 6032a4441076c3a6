import { sealText } from '@cohort/contracts';
import { adminGranted, created, dismissed, displayNameChanged, joined, left, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 4, 'a', 'm', 'n'), adminGranted('a')];
const name = (userId: string, displayName: string, actor = user(userId)) =>
  command('setDisplayName', { actor, userId, displayName });

test.each([
  ['the member', user('m')],
  ['an admin', user('a')],
  ['the owner', user('o')],
  ['a service', { type: 'service' } as const],
])('setDisplayName by %s is accepted', (_by, actor) => {
  given(...group)
    .when(name('m', 'Em', actor))
    .then([displayNameChanged('m', 'Em')]);
});

test('setDisplayName by another member and by a stranger is refused', () => {
  given(...group)
    .when(name('m', 'Em', user('n')))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(name('m', 'Em', user('x')))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('setDisplayName of a user who is not a member is refused', () => {
  given(...group)
    .when(name('x', 'Ex'))
    .refused('NOT_A_MEMBER', { userId: 'x' });
  given().when(name('x', 'Ex')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed())
    .when(name('m', 'Em'))
    .refused('GROUP_DISMISSED');
});

test('setDisplayName to the name that the member has writes no event', () => {
  given(...group)
    .when(name('m', ''))
    .then([]);
  given(...group, displayNameChanged('m', 'Em'))
    .when(name('m', 'Em'))
    .then([]);
  given(...group, displayNameChanged('m', 'Em'))
    .when(name('m', ''))
    .then([displayNameChanged('m', '')]);
});

test('setDisplayName knows a sealed name again, and takes another envelope for another name', () => {
  const seal = (text: string) => sealText(text, { keyId: 'demo/m#1', key: new Uint8Array(32) }, 'g');
  const at = given(...group, displayNameChanged('m', seal('Em')));
  at.when(command('setDisplayName', { userId: 'm', displayName: seal('Em') })).then([]);
  const other = seal('Emma');
  at.when(command('setDisplayName', { userId: 'm', displayName: other })).then([displayNameChanged('m', other)]);
});

test('a user who left and joins again has no display name', () => {
  given(...group, displayNameChanged('m', 'Em'), left(3, 'm'), joined('join', 4, 'm'))
    .when(name('m', 'Em'))
    .then([displayNameChanged('m', 'Em')]);
});
