import { adminGranted, created, dismissed, joined, joinedBy, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o', { capacity: 5 }), joined('join', 3, 'a', 'm'), adminGranted('a')];
const addMembers = (userIds: string[], fields: object = {}) => command('addMembers', { userIds, ...fields });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));

test('addMembers adds new users once, and members stay members', () => {
  given(...group)
    .when(addMembers(['x', 'm', 'y', 'x']))
    .then([joined('add', 5, 'x', 'y')], ok('x', 'm', 'y'));
  given(...group)
    .when(addMembers(['m', 'o']))
    .then([], ok('m', 'o'));
  given(...group)
    .when(addMembers([]))
    .then([], []);
});

test('addMembers writes 1,000 users as two events', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  given(created('o', { capacity: 2_000 }))
    .when(addMembers(many))
    .then([joined('add', 501, ...many.slice(0, 500)), joined('add', 1_001, ...many.slice(500))], ok(...many));
});

test('addMembers adds no user when the group would be over its capacity', () => {
  given(...group)
    .when(addMembers(['x', 'y', 'z']))
    .refused('CAPACITY_REACHED', { capacity: 5, wanted: 6 });
});

test.each(['o', 'a'])('addMembers by %s, owner or admin, is accepted', (id) => {
  given(...group)
    .when(addMembers(['x'], { actor: user(id) }))
    .then([joinedBy('add', id, 4, 'x')], ok('x'));
});

test('addMembers by members and strangers is refused', () => {
  given(...group)
    .when(addMembers(['x'], { actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(addMembers(['x'], { actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('addMembers refuses an unknown group and a dismissed one', () => {
  given()
    .when(addMembers(['x']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('ownerLeft'))
    .when(addMembers(['x']))
    .refused('GROUP_DISMISSED');
});
