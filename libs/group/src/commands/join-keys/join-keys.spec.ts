import { joinCodeSecret } from '@cohort/contracts';
import {
  adminGranted,
  blocked,
  created,
  dismissed,
  joined,
  joinedBy,
  joinKeyChanged,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { AT, given } from '../../testing/given';
import { codeOf } from '../../testing/join-keys';

const group = [created('o', { capacity: 4 }), joined('join', 3, 'a', 'm'), adminGranted('a')];
const change = (fields: object = {}) => command('changeJoinKey', fields);
const join = (userId: string, code: string, fields: object = {}) => command('joinByCode', { userId, code, ...fields });

test('changeJoinKey gives the group its next key, each time; by the owner, an admin or a service', () => {
  given(...group)
    .when(change())
    .then([joinKeyChanged(1)]);
  given(...group, joinKeyChanged(1))
    .when(change({ actor: user('a') }))
    .then([joinKeyChanged(2)]);
  given(...group)
    .when(change({ actor: user('m') }))
    .refused('ADMIN_ONLY');
});

test('a user joins a private group by a code, by which the sharer is known', () => {
  given(...group)
    .when(join('x', codeOf()))
    .then([joined('code', 4, 'x')]);
  given(...group)
    .when(join('x', codeOf({ by: 'm' }), { actor: user('x') }))
    .then([joinedBy('code', 'm', 4, 'x')]);
});

test('a member stays a member, and no user joins for another', () => {
  given(...group)
    .when(join('m', codeOf()))
    .then([]);
  given(...group)
    .when(join('x', codeOf(), { actor: user('m') }))
    .refused('FORBIDDEN');
});

test('a code does not lead past a block or the capacity', () => {
  given(...group, blocked('x'))
    .when(join('x', codeOf()))
    .refused('USER_BLOCKED', { userId: 'x' });
  given(...group, joined('join', 4, 'z'))
    .when(join('x', codeOf()))
    .refused('CAPACITY_REACHED', { capacity: 4, wanted: 5 });
});

test('a code is valid until its end, and not at it', () => {
  given(...group)
    .when(join('x', codeOf({ expiresAt: AT + 1 })))
    .then([joined('code', 4, 'x')]);
  given(...group)
    .when(join('x', codeOf({ expiresAt: AT })))
    .refused('JOIN_CODE_EXPIRED');
});

test('a change of the key revokes all codes of earlier keys', () => {
  given(...group, joinKeyChanged(1))
    .when(join('x', codeOf()))
    .refused('JOIN_CODE_EXPIRED');
  given(...group, joinKeyChanged(1))
    .when(join('x', codeOf({ key: 1 })))
    .then([joined('code', 4, 'x')]);
});

test.each([
  ['of another group', codeOf({ groupId: 'h' })],
  ['of another tenant', codeOf({}, joinCodeSecret(new Uint8Array(32).fill(1)))],
  ['with another content', codeOf({ groupId: 'h' }).split('.')[0]! + '.' + codeOf().split('.')[1]!],
  ['that is none', 'hello'],
])('a code %s is refused, for members, too', (_what, code) => {
  for (const userId of ['x', 'm'])
    given(...group)
      .when(join(userId, code))
      .refused('JOIN_CODE_INVALID');
});

test('without the tenant’s secret no code is valid', () => {
  given(...group)
    .when(join('x', codeOf()), { joinCodeSecret: undefined })
    .refused('JOIN_CODE_INVALID');
});

test('joinByCode refuses an unknown group and a dismissed one', () => {
  given().when(join('x', codeOf())).refused('GROUP_NOT_FOUND');
  given(...group, dismissed())
    .when(join('x', codeOf()))
    .refused('GROUP_DISMISSED');
});
