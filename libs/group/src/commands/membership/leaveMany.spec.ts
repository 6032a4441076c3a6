import { adminGranted, created, dismissed, joined, left, ofSync, transferred, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('create', 4, 'a', 'b', 'c'), adminGranted('b')];
const leaveMany = (userIds: string[], fields: object = {}) => command('leaveMany', { userIds, ...fields });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));

test('leaveMany writes leaving members as one event; strangers and repeats change nothing', () => {
  given(...group)
    .when(leaveMany(['c', 'x', 'a', 'c']))
    .then([left(2, 'c', 'a')], ok('c', 'x', 'a'));
  given(...group)
    .when(leaveMany(['x']))
    .then([], ok('x'));
  given(...group)
    .when(leaveMany([]))
    .then([], []);
});

test('leaveMany writes portions of 500, each with the count after it', () => {
  const many = Array.from({ length: 700 }, (_, i) => `u${i}`);
  given(
    created('o', { capacity: 1_000 }),
    joined('add', 501, ...many.slice(0, 500)),
    joined('add', 701, ...many.slice(500)),
  )
    .when(leaveMany(many))
    .then([left(201, ...many.slice(0, 500)), left(1, ...many.slice(500))], ok(...many));
});

test('leaveMany refuses only the owner under the policy refuse', () => {
  given(...group)
    .when(leaveMany(['a', 'o', 'b']))
    .then(
      [left(2, 'a', 'b')],
      [
        { userId: 'a', ok: true },
        { userId: 'o', ok: false, code: 'OWNER_CANNOT_LEAVE' },
        { userId: 'b', ok: true },
      ],
    );
});

test('a user of leaveMany does not become owner on the way out', () => {
  given(...group)
    .when(leaveMany(['o', 'a']), { ownerPolicy: 'oldestMember' })
    .then([transferred('o', 'b', 'ownerLeft'), left(2, 'o', 'a')], ok('o', 'a'));
  given(...group)
    .when(leaveMany(['b', 'o']), { ownerPolicy: 'oldestAdmin' })
    .then([transferred('o', 'a', 'ownerLeft'), left(2, 'b', 'o')], ok('b', 'o'));
});

test('leaveMany of all members ends the group', () => {
  given(...group)
    .when(leaveMany(['c', 'o', 'a', 'b']), { ownerPolicy: 'oldestMember' })
    .then([dismissed('ownerLeft')], ok('c', 'o', 'a', 'b'));
});

test('leaveMany with the owner ends the group under the policy dismiss', () => {
  given(...group)
    .when(leaveMany(['a', 'o'], { ownerPolicy: 'dismiss' }))
    .then([dismissed('ownerLeft')], ok('a', 'o'));
});

test('leaveMany keeps the number of a sync, from services only', () => {
  given(...group)
    .when(leaveMany(['a'], { sync: 4 }))
    .then([ofSync(4, left(3, 'a'))], ok('a'));
  given(...group)
    .when(leaveMany(['a'], { sync: 4, actor: user('a') }))
    .then([left(3, 'a')], ok('a'));
});

test('leaveMany by a user that names others is refused', () => {
  given(...group)
    .when(leaveMany(['a', 'b'], { actor: user('a') }))
    .refused('FORBIDDEN');
});

test('leaveMany refuses an unknown group and a dismissed one', () => {
  given()
    .when(leaveMany(['a']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(leaveMany(['a']))
    .refused('GROUP_DISMISSED');
});
