import { adminGranted, adminRevoked, created, joined, transferred, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 5, 'a', 'b', 'm', 'n'), adminGranted('a')];
const grant = (userIds: string[], fields: object = {}) => command('grantAdmins', { userIds, ...fields });
const revoke = (userIds: string[], fields: object = {}) => command('revokeAdmins', { userIds, ...fields });
const ok = (userId: string) => ({ userId, ok: true });

test('members become admins, each user with a result', () => {
  given(...group)
    .when(grant(['m', 'a', 'o', 'x', 'b', 'm'], { actor: user('o') }))
    .then(
      [adminGranted('m', 'b')],
      [
        ok('m'),
        ok('a'),
        { userId: 'o', ok: false, code: 'OWNER_CANNOT_BE_ADMIN' },
        { userId: 'x', ok: false, code: 'NOT_A_MEMBER' },
        ok('b'),
      ],
    );
});

test("no more users become admins than the tenant's cap allows", () => {
  given(...group)
    .when(grant(['a', 'b', 'm', 'n']), { maxAdmins: 2 })
    .then(
      [adminGranted('b')],
      [
        ok('a'),
        ok('b'),
        { userId: 'm', ok: false, code: 'ADMIN_CAP_REACHED' },
        { userId: 'n', ok: false, code: 'ADMIN_CAP_REACHED' },
      ],
    );
});

test('admins become plain members, and other users stay as they are', () => {
  given(...group)
    .when(revoke(['m', 'a', 'o', 'x']))
    .then([adminRevoked('a')], [ok('m'), ok('a'), ok('o'), ok('x')]);
});

test.each(['a', 'm', 'x'])('grants and revocations by %s, not the owner, are refused', (id) => {
  given(...group)
    .when(grant(['m'], { actor: user(id) }))
    .refused('OWNER_ONLY');
  given(...group)
    .when(revoke(['a'], { actor: user(id) }))
    .refused('OWNER_ONLY');
});

test('a transfer adds the new owner first only if it is asked to, and if the group has room', () => {
  given(...group)
    .when(command('transfer', { newOwner: 'x', addIfMissing: true }))
    .then([joined('add', 6, 'x'), transferred('o', 'x')]);
  given(created('o', { capacity: 1 }))
    .when(command('transfer', { newOwner: 'x', addIfMissing: true }))
    .refused('CAPACITY_REACHED', { capacity: 1, wanted: 2 });
});
