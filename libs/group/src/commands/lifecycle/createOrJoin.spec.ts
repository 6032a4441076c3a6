import { created, dismissed, infoChanged, joined, ofSync, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const createOrJoin = (userIds: string[], fields: object = {}) => command('createOrJoin', { userIds, ...fields });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));

test('createOrJoin makes the first user the owner of an unknown group, and the others its first members', () => {
  given()
    .when(createOrJoin(['a', 'b', 'a', 'c'], { name: 'Sales' }))
    .then([created('a'), joined('create', 3, 'b', 'c')], ok('a', 'b', 'c'));
});

test('createOrJoin without a name names the group by its id', () => {
  given()
    .when(createOrJoin(['a']))
    .then([created('a', { name: 'g' })], ok('a'));
});

test('events of a group that a sync creates carry the number of the sync', () => {
  given()
    .when(createOrJoin(['a', 'b'], { name: 'Sales', sync: 3 }))
    .then([created('a', { sync: 3 }), ofSync(3, joined('create', 2, 'b'))], ok('a', 'b'));
});

test('createOrJoin adds users that are not in a live group', () => {
  given(created('o'), joined('join', 2, 'a'))
    .when(createOrJoin(['b', 'a', 'c', 'b']))
    .then([joined('join', 4, 'b', 'c')], ok('b', 'a', 'c'));
  given(created('o'))
    .when(createOrJoin(['b'], { sync: 7 }))
    .then([ofSync(7, joined('sync', 2, 'b'))], ok('b'));
});

test('createOrJoin renames a live group only with rename', () => {
  const live = given(created('o'));
  live.when(createOrJoin(['o'], { name: 'New' })).then([], ok('o'));
  live.when(createOrJoin(['o'], { rename: true })).then([], ok('o'));
  live.when(createOrJoin(['o'], { rename: true, name: 'Sales' })).then([], ok('o'));
  live
    .when(createOrJoin(['a'], { name: 'New', rename: true }))
    .then([infoChanged({ name: 'New' }), joined('join', 2, 'a')], ok('a'));
  live
    .when(createOrJoin(['o'], { name: 'New', rename: true, sync: 2 }))
    .then([infoChanged({ name: 'New', sync: 2, syncOf: 'o' })], ok('o'));
});

test('createOrJoin adds no user when the group would be over its capacity', () => {
  given()
    .when(createOrJoin(['a', 'b'], { capacity: 1 }))
    .refused('CAPACITY_REACHED', { capacity: 1, wanted: 2 });
  given(created('o', { capacity: 2 }))
    .when(createOrJoin(['o', 'a', 'b'], { name: 'New', rename: true }))
    .refused('CAPACITY_REACHED', { capacity: 2, wanted: 3 });
});

test('createOrJoin refuses user actors, an empty list, reserved ids and dismissed groups', () => {
  given()
    .when(createOrJoin(['a'], { actor: user('a') }))
    .refused('FORBIDDEN');
  given()
    .when(createOrJoin([]))
    .refused('VALIDATION_FAILED', {
      fields: [{ field: 'userIds', message: 'userIds must name at least one user' }],
    });
  given()
    .when(createOrJoin(['a'], { groupId: '4503599627370496' }))
    .refused('GROUP_ID_RESERVED');
  given(created('o'), dismissed('requested'))
    .when(createOrJoin(['a']))
    .refused('GROUP_DISMISSED');
});
