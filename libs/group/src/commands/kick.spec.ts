import { command, created, dismissed, granted, joined, kicked, user } from '../testing/facts';
import { given } from '../testing/given';

const group = [created('o'), joined('join', 5, 'a', 'b', 'm', 'n'), granted('a', 'b')];
const kick = (userIds: string[], fields: object = {}) => command('kick', { userIds, ...fields });
const ok = (userId: string) => ({ userId, ok: true });
const no = (userId: string, code: 'OWNER_CANNOT_BE_KICKED' | 'ADMIN_CANNOT_BE_KICKED') => ({ userId, ok: false, code });

test('a service puts out everybody but the owner', () => {
  given(...group)
    .when(kick(['m', 'o', 'a', 'x', 'm']))
    .then([kicked(3, 'm', 'a')], [ok('m'), no('o', 'OWNER_CANNOT_BE_KICKED'), ok('a'), ok('x')]);
});

test('so does the owner', () => {
  given(...group)
    .when(kick(['a', 'o', 'm'], { actor: user('o') }))
    .then([kicked(3, 'a', 'm')], [ok('a'), no('o', 'OWNER_CANNOT_BE_KICKED'), ok('m')]);
});

test('an admin puts out plain members only', () => {
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

test('who is out stays out', () => {
  given(...group)
    .when(kick(['x', 'y']))
    .then([], [ok('x'), ok('y')]);
  given(...group)
    .when(kick([]))
    .then([], []);
});

test('others may not', () => {
  given(...group)
    .when(kick(['n'], { actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(kick(['n'], { actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('only out of a live group', () => {
  given()
    .when(kick(['m']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(kick(['m']))
    .refused('GROUP_DISMISSED');
});
