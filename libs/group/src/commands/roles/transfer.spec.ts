import { adminGranted, created, dismissed, joined, transferred, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given, membersOf, stateAfter } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const transfer = (newOwner: string, fields: object = {}) => command('transfer', { newOwner, ...fields });

test('the owner or a service transfers the group to a member or an admin', () => {
  given(...group)
    .when(transfer('m'))
    .then([transferred('o', 'm', 'requested')]);
  given(...group)
    .when(transfer('a', { actor: user('o') }))
    .then([transferred('o', 'a', 'requested')]);
});

test('the old owner is a plain member after a transfer', () => {
  const state = stateAfter([...group, transferred('o', 'a', 'requested')]);
  expect(membersOf(state)).toEqual([
    { userId: 'o', role: 'member' },
    { userId: 'a', role: 'owner' },
    { userId: 'm', role: 'member' },
  ]);
});

test('transfer to the present owner changes nothing', () => {
  given(...group)
    .when(transfer('o'))
    .then([]);
});

test('transfer by a user other than the owner, or to a stranger, is refused', () => {
  given(...group)
    .when(transfer('m', { actor: user('a') }))
    .refused('OWNER_ONLY');
  given(...group)
    .when(transfer('x', { actor: user('x') }))
    .refused('OWNER_ONLY');
  given(...group)
    .when(transfer('x'))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('transfer refuses an unknown group and a dismissed one', () => {
  given().when(transfer('m')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(transfer('m'))
    .refused('GROUP_DISMISSED');
});
