import { adminGranted, created, dismissed, infoChanged, joined, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const changeInfo = (fields: object) => command('changeInfo', fields);

test('changeInfo writes only what differs', () => {
  given(...group)
    .when(changeInfo({ name: 'Sales', description: 'All of it', ext: '{}' }))
    .then([infoChanged({ description: 'All of it', ext: '{}' })]);
  given(...group, infoChanged({ description: 'x', avatar: 'y', ext: 'z' }))
    .when(changeInfo({ name: 'New', description: '', avatar: 'y', ext: '' }))
    .then([infoChanged({ name: 'New', description: '', ext: '' })]);
});

test('changeInfo that changes nothing writes no event', () => {
  given(...group)
    .when(changeInfo({}))
    .then([]);
  given(...group)
    .when(changeInfo({ name: 'Sales', avatar: '' }))
    .then([]);
});

test.each(['o', 'a'])('changeInfo by %s, owner or admin, is accepted', (id) => {
  given(...group)
    .when(changeInfo({ actor: user(id), name: 'New' }))
    .then([infoChanged({ name: 'New' })]);
});

test('changeInfo by members and strangers is refused, even when nothing would change', () => {
  given(...group)
    .when(changeInfo({ actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(changeInfo({ actor: user('x'), name: 'New' }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('changeInfo refuses an unknown group and a dismissed one', () => {
  given()
    .when(changeInfo({ name: 'New' }))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(changeInfo({ name: 'New' }))
    .refused('GROUP_DISMISSED');
});
