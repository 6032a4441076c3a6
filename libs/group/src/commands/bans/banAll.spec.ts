import {
  adminGranted,
  allBanned,
  allowListed,
  allowListRemoved,
  allUnbanned,
  banAllExpired,
  created,
  dismissed,
  joined,
  left,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { AT, given } from '../../testing/given';

const group = [created('o'), joined('join', 4, 'a', 'm', 'n'), adminGranted('a')];
const banAll = (fields: object = {}) => command('banAll', fields);
const unbanAll = (fields: object = {}) => command('unbanAll', fields);
const ok = (userId: string) => ({ userId, ok: true });

describe('banAll', () => {
  test('by the owner or an admin holds for ever or until its time is over', () => {
    given(...group)
      .when(banAll({ actor: user('a') }))
      .then([allBanned()]);
    given(...group)
      .when(banAll({ actor: user('o'), durationMs: 1 }))
      .then([allBanned(AT + 1)]);
  });

  test('replaces an older one, and writes nothing if both end together', () => {
    given(...group, allBanned(AT + 5))
      .when(banAll())
      .then([allBanned()]);
    given(...group, allBanned(AT + 5))
      .when(banAll({ durationMs: 5 }))
      .then([]);
    given(...group, allBanned())
      .when(banAll())
      .then([]);
  });

  test('announces one that has run out before it begins anew', () => {
    given(...group, allBanned(AT - 3))
      .when(banAll({ durationMs: 5 }))
      .then([banAllExpired(AT - 3), allBanned(AT + 5)]);
  });
});

test('unbanAll lifts a ban-all, announces one that has run out as expired, and else changes nothing', () => {
  given(...group, allBanned(AT + 1))
    .when(unbanAll())
    .then([allUnbanned()]);
  given(...group, allBanned(AT))
    .when(unbanAll())
    .then([banAllExpired(AT)]);
  given(...group)
    .when(unbanAll())
    .then([]);
});

test('expireBanAll announces a ban-all that has run out, leaves one that holds, and is for services', () => {
  const expire = (fields: object = {}) => command('expireBanAll', fields);
  given(...group, allBanned(AT))
    .when(expire())
    .then([banAllExpired(AT)]);
  given(...group, allBanned(AT + 1))
    .when(expire())
    .then([]);
  given(...group)
    .when(expire())
    .then([]);
  given(...group, allBanned(AT))
    .when(expire({ actor: user('o') }))
    .refused('FORBIDDEN');
});

describe('the allow-list', () => {
  test('takes members, each once, and refuses other users', () => {
    given(...group, allowListed('m'))
      .when(command('allowToSpeak', { userIds: ['m', 'n', 'x', 'n'], actor: user('a') }))
      .then([allowListed('n')], [ok('m'), ok('n'), { userId: 'x', ok: false, code: 'NOT_A_MEMBER' }]);
  });

  test('lets users go, and loses those who leave the group', () => {
    given(...group, allowListed('m', 'n'))
      .when(command('disallowToSpeak', { userIds: ['n', 'x'] }))
      .then([allowListRemoved('n')], [ok('n'), ok('x')]);
    given(...group, allowListed('m'), left(3, 'm'), joined('join', 4, 'm'))
      .when(command('disallowToSpeak', { userIds: ['m'] }))
      .then([], [ok('m')]);
  });
});

test.each([
  ['banAll', {}],
  ['unbanAll', {}],
  ['allowToSpeak', { userIds: ['n'] }],
  ['disallowToSpeak', { userIds: ['n'] }],
  ['expireBans', { userIds: ['n'] }],
  ['expireBanAll', {}],
] as const)('%s is refused to members and strangers, in an unknown group and in a dismissed one', (type, fields) => {
  const isForServices = type.startsWith('expire');
  given(...group)
    .when(command(type, { ...fields, actor: user('m') }))
    .refused(isForServices ? 'FORBIDDEN' : 'ADMIN_ONLY');
  const byStranger = given(...group).when(command(type, { ...fields, actor: user('x') }));
  if (isForServices) byStranger.refused('FORBIDDEN');
  else byStranger.refused('NOT_A_MEMBER', { userId: 'x' });
  given()
    .when(command(type, fields as never))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed())
    .when(command(type, fields as never))
    .refused('GROUP_DISMISSED');
});
