import { adminGranted, created, dismissed, joined, kicked, user } from '@cohort/contracts/testing';
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
