import { command, created, dismissed, granted, joined, left, ofSync, transferred, user } from '../testing/facts';
import { given } from '../testing/given';

const group = [created('o'), joined('create', 4, 'a', 'b', 'c'), granted('b')];
const leaveMany = (userIds: string[], fields: object = {}) => command('leaveMany', { userIds, ...fields });
const ok = (...userIds: string[]) => userIds.map((userId) => ({ userId, ok: true }));

test('members go in one event; strangers and repeats change nothing', () => {
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

test('portions of 500, each with the count after it', () => {
  const many = Array.from({ length: 700 }, (_, i) => `u${i}`);
  given(
    created('o', { capacity: 1_000 }),
    joined('add', 501, ...many.slice(0, 500)),
    joined('add', 701, ...many.slice(500)),
  )
    .when(leaveMany(many))
    .then([left(201, ...many.slice(0, 500)), left(1, ...many.slice(500))], ok(...many));
});

test('refuse: the owner stays, the others go', () => {
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

test('nobody who goes becomes owner on the way', () => {
  given(...group)
    .when(leaveMany(['o', 'a']), { ownerPolicy: 'oldestMember' })
    .then([transferred('o', 'b', 'ownerLeft'), left(2, 'o', 'a')], ok('o', 'a'));
  given(...group)
    .when(leaveMany(['b', 'o']), { ownerPolicy: 'oldestAdmin' })
    .then([transferred('o', 'a', 'ownerLeft'), left(2, 'b', 'o')], ok('b', 'o'));
});

test('nobody remains: the group ends', () => {
  given(...group)
    .when(leaveMany(['c', 'o', 'a', 'b']), { ownerPolicy: 'oldestMember' })
    .then([dismissed('ownerLeft')], ok('c', 'o', 'a', 'b'));
});

test('dismiss: the group ends with its owner', () => {
  given(...group)
    .when(leaveMany(['a', 'o'], { ownerPolicy: 'dismiss' }))
    .then([dismissed('ownerLeft')], ok('a', 'o'));
});

test('the number of a sync is kept, from services only', () => {
  given(...group)
    .when(leaveMany(['a'], { sync: 4 }))
    .then([ofSync(4, left(3, 'a'))], ok('a'));
  given(...group)
    .when(leaveMany(['a'], { sync: 4, actor: user('a') }))
    .then([left(3, 'a')], ok('a'));
});

test('a user names himself only', () => {
  given(...group)
    .when(leaveMany(['a', 'b'], { actor: user('a') }))
    .refused('FORBIDDEN');
});

test('only a live group can be left', () => {
  given()
    .when(leaveMany(['a']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(leaveMany(['a']))
    .refused('GROUP_DISMISSED');
});
