import { command, created, dismissed, granted, joined, transferred, user } from '../testing/facts';
import { given, stateAfter } from '../testing/given';
import { roleOf } from '../state';

const group = [created('o'), joined('join', 3, 'a', 'm'), granted('a')];
const transfer = (newOwner: string, fields: object = {}) => command('transfer', { newOwner, ...fields });

test('a member or an admin becomes owner, by the owner or a service', () => {
  given(...group)
    .when(transfer('m'))
    .then([transferred('o', 'm', 'requested')]);
  given(...group)
    .when(transfer('a', { actor: user('o') }))
    .then([transferred('o', 'a', 'requested')]);
});

test('the old owner stays as a plain member', () => {
  const state = stateAfter([...group, transferred('o', 'a', 'requested')]);
  expect(state).toMatchObject({ status: 'live', owner: 'a' });
  if (state.status === 'live')
    expect(['o', 'a', 'm'].map((id) => roleOf(state, id))).toEqual(['member', 'owner', 'member']);
});

test('to the present owner: nothing happens', () => {
  given(...group)
    .when(transfer('o'))
    .then([]);
});

test('only the owner, only to a member', () => {
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

test('only a live group has an owner', () => {
  given().when(transfer('m')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(transfer('m'))
    .refused('GROUP_DISMISSED');
});
