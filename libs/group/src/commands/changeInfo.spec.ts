import { changed, command, created, dismissed, granted, joined, user } from '../testing/facts';
import { given } from '../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), granted('a')];
const changeInfo = (fields: object) => command('changeInfo', fields);

test('only what differs is a fact', () => {
  given(...group)
    .when(changeInfo({ name: 'Sales', description: 'All of it', ext: '{}' }))
    .then([changed({ description: 'All of it', ext: '{}' })]);
  given(...group, changed({ description: 'x', avatar: 'y', ext: 'z' }))
    .when(changeInfo({ name: 'New', description: '', avatar: 'y', ext: '' }))
    .then([changed({ name: 'New', description: '', ext: '' })]);
});

test('nothing to change is nothing that happened', () => {
  given(...group)
    .when(changeInfo({}))
    .then([]);
  given(...group)
    .when(changeInfo({ name: 'Sales', avatar: '' }))
    .then([]);
});

test.each(['o', 'a'])('%s, owner or admin, may', (id) => {
  given(...group)
    .when(changeInfo({ actor: user(id), name: 'New' }))
    .then([changed({ name: 'New' })]);
});

test('others may not, even when nothing would change', () => {
  given(...group)
    .when(changeInfo({ actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(changeInfo({ actor: user('x'), name: 'New' }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('only a live group has something to change', () => {
  given()
    .when(changeInfo({ name: 'New' }))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(changeInfo({ name: 'New' }))
    .refused('GROUP_DISMISSED');
});
