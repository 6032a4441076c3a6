import { adminGranted, created, dismissed, joined, kicked, transferred, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 5, 'a', 'b', 'm', 'n'), adminGranted('a', 'b')];
const kick = (userIds: string[], fields: object = {}) => command('kick', { userIds, ...fields });
const ok = (userId: string) => ({ userId, ok: true });
const no = (userId: string, code: 'OWNER_CANNOT_BE_KICKED' | 'ADMIN_CANNOT_BE_KICKED') => ({ userId, ok: false, code });

test('a service kicks any member but the owner', () => {
  given(...group)
    .when(kick(['m', 'o', 'a', 'x', 'm']))
    .then([kicked(3, 'm', 'a')], [ok('m'), no('o', 'OWNER_CANNOT_BE_KICKED'), ok('a'), ok('x')]);
});

test('the owner kicks any other member', () => {
  given(...group)
    .when(kick(['a', 'o', 'm'], { actor: user('o') }))
    .then([kicked(3, 'a', 'm')], [ok('a'), no('o', 'OWNER_CANNOT_BE_KICKED'), ok('m')]);
});

test('an admin kicks plain members only', () => {
  given(...group)
    .when(kick(['m', 'b', 'a', 'o', 'x'], { actor: user('a') }))
    .then(
      [kicked(4, 'm')],
      [
        ok('m'),
        no('b', 'ADMIN_CANNOT_BE_KICKED'),
        no('a', 'ADMIN_CANNOT_BE_KICKED'),
        no('o', 'OWNER_CANNOT_BE_KICKED'),
        ok('x'),
      ],
    );
});

test('a service that says who succeeds kicks the owner, too, and the oldest admin or member that stays is the owner', () => {
  const succeeded = (to: string) => transferred('o', to, 'ownerLeft');
  given(...group)
    .when(kick(['o', 'x'], { succeededBy: 'oldestAdmin' }))
    .then([succeeded('a'), kicked(4, 'o')], [ok('o'), ok('x')]);
  given(...group)
    .when(kick(['m', 'a', 'o'], { succeededBy: 'oldestAdmin' }))
    .then([succeeded('b'), kicked(2, 'm', 'a', 'o')], [ok('m'), ok('a'), ok('o')]);
  given(...group)
    .when(kick(['o', 'a', 'b'], { succeededBy: 'oldestAdmin' }))
    .then([succeeded('m'), kicked(2, 'o', 'a', 'b')], [ok('o'), ok('a'), ok('b')]);
  given(created('o'), joined('join', 3, 'm', 'a'), adminGranted('a'))
    .when(kick(['o'], { succeededBy: 'oldestMember' }))
    .then([succeeded('m'), kicked(2, 'o')], [ok('o')]);
});

test('without the owner among the users, who succeeds makes no difference', () => {
  given(...group)
    .when(kick(['m'], { succeededBy: 'oldestAdmin' }))
    .then([kicked(4, 'm')], [ok('m')]);
});

test('an owner without a successor stays, and the others go', () => {
  given(...group)
    .when(kick(['a', 'b', 'm', 'n', 'o'], { succeededBy: 'oldestAdmin' }))
    .then([kicked(1, 'a', 'b', 'm', 'n')], [...['a', 'b', 'm', 'n'].map(ok), no('o', 'OWNER_CANNOT_BE_KICKED')]);
});

test('users can not say who succeeds: the owner stays', () => {
  given(...group)
    .when(kick(['o', 'm'], { succeededBy: 'oldestAdmin', actor: user('a') }))
    .then([kicked(4, 'm')], [no('o', 'OWNER_CANNOT_BE_KICKED'), ok('m')]);
});

test('kick of users that are no members changes nothing', () => {
  given(...group)
    .when(kick(['x', 'y']))
    .then([], [ok('x'), ok('y')]);
  given(...group)
    .when(kick([]))
    .then([], []);
});

test('kick by members and strangers is refused', () => {
  given(...group)
    .when(kick(['n'], { actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(kick(['n'], { actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('kick refuses an unknown group and a dismissed one', () => {
  given()
    .when(kick(['m']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(kick(['m']))
    .refused('GROUP_DISMISSED');
});
