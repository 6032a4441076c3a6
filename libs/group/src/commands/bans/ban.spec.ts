import {
  adminGranted,
  banExpired,
  banned,
  created,
  dismissed,
  joined,
  left,
  unbanned,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { AT, given } from '../../testing/given';

const group = [created('o'), joined('join', 5, 'a', 'b', 'm', 'n'), adminGranted('a', 'b')];
const ban = (userIds: string[], fields: object = {}) => command('ban', { userIds, ...fields });
const unban = (userIds: string[], fields: object = {}) => command('unban', { userIds, ...fields });
const ok = (userId: string) => ({ userId, ok: true });
const no = (
  userId: string,
  code: 'OWNER_CANNOT_BE_BANNED' | 'ADMIN_CANNOT_BE_BANNED' | 'NOT_A_MEMBER' | 'OWNER_ONLY',
) => ({
  userId,
  ok: false,
  code,
});

describe('ban', () => {
  test('by a service bans members, the owner and admins among them, for ever or until the time is over', () => {
    given(...group)
      .when(ban(['m', 'o', 'a', 'x', 'm']))
      .then([banned(undefined, 'm', 'o', 'a')], [ok('m'), ok('o'), ok('a'), no('x', 'NOT_A_MEMBER')]);
    given(...group)
      .when(ban(['m'], { durationMs: 60_000 }))
      .then([banned(AT + 60_000, 'm')], [ok('m')]);
  });

  test('until a time leaves longer bans as they are, and does nothing when the time is over', () => {
    const until = (ms: number) => ({ until: new Date(AT + ms).toISOString() });
    given(...group, banned(AT + 50_000, 'a'), banned(AT + 70_000, 'b'), banned(undefined, 'n'))
      .when(ban(['m', 'a', 'b', 'n'], until(60_000)))
      .then([banned(AT + 60_000, 'm', 'a')], ['m', 'a', 'b', 'n'].map(ok));
    given(...group)
      .when(ban(['m'], until(0)))
      .then([], [ok('m')]);
  });

  test('by the owner bans any other member', () => {
    given(...group)
      .when(ban(['a', 'o', 'm'], { actor: user('o') }))
      .then([banned(undefined, 'a', 'm')], [ok('a'), no('o', 'OWNER_CANNOT_BE_BANNED'), ok('m')]);
  });

  test('by an admin bans plain members only', () => {
    given(...group)
      .when(ban(['m', 'b', 'a', 'o'], { actor: user('a') }))
      .then(
        [banned(undefined, 'm')],
        [
          ok('m'),
          no('b', 'ADMIN_CANNOT_BE_BANNED'),
          no('a', 'ADMIN_CANNOT_BE_BANNED'),
          no('o', 'OWNER_CANNOT_BE_BANNED'),
        ],
      );
  });

  test('replaces an older ban, longer or shorter, and writes nothing if both end together', () => {
    given(...group, banned(AT + 500, 'm'), banned(undefined, 'n'))
      .when(ban(['m', 'n'], { durationMs: 500 }))
      .then([banned(AT + 500, 'n')], [ok('m'), ok('n')]);
    given(...group, banned(undefined, 'm'))
      .when(ban(['m']))
      .then([], [ok('m')]);
  });

  test('announces a ban that has run out, with the time it ended, before it bans the member again', () => {
    given(...group, banned(AT - 1, 'm'))
      .when(ban(['m'], { durationMs: 5 }))
      .then([banExpired(AT - 1, 'm'), banned(AT + 5, 'm')], [ok('m')]);
  });

  test('is refused to members and strangers, in an unknown group and in a dismissed one', () => {
    given(...group)
      .when(ban(['n'], { actor: user('m') }))
      .refused('ADMIN_ONLY');
    given(...group)
      .when(ban(['n'], { actor: user('x') }))
      .refused('NOT_A_MEMBER', { userId: 'x' });
    given()
      .when(ban(['m']))
      .refused('GROUP_NOT_FOUND');
    given(...group, dismissed())
      .when(ban(['m']))
      .refused('GROUP_DISMISSED');
  });
});

describe('unban', () => {
  test('lifts bans, and changes nothing for users without one', () => {
    given(...group, banned(AT + 1, 'm'), banned(undefined, 'a'))
      .when(unban(['m', 'a', 'n', 'x', 'm']))
      .then([unbanned('m', 'a')], [ok('m'), ok('a'), ok('n'), ok('x')]);
  });

  test('announces a ban that has run out as expired, with the time it ended', () => {
    given(...group, banned(AT, 'm'), banned(AT - 7, 'n'), banned(AT + 1, 'b'))
      .when(unban(['m', 'n', 'b']))
      .then([banExpired(AT - 7, 'n'), banExpired(AT, 'm'), unbanned('b')], [ok('m'), ok('n'), ok('b')]);
  });

  test('also lifts the ban of a user who left: a ban stays until it ends', () => {
    given(...group, banned(undefined, 'm'), left(4, 'm'))
      .when(unban(['m'], { actor: user('a') }))
      .then([unbanned('m')], [ok('m')]);
  });

  test('by an admin lifts no ban of an admin, their own included; the owner lifts all', () => {
    const all = [...group, banned(undefined, 'a', 'b', 'o', 'm')];
    given(...all)
      .when(unban(['a', 'b', 'o', 'm'], { actor: user('a') }))
      .then([unbanned('m')], [no('a', 'OWNER_ONLY'), no('b', 'OWNER_ONLY'), no('o', 'OWNER_ONLY'), ok('m')]);
    given(...all)
      .when(unban(['a', 'o'], { actor: user('o') }))
      .then([unbanned('a', 'o')], [ok('a'), ok('o')]);
  });

  test('is refused to members and strangers', () => {
    given(...group, banned(undefined, 'm'))
      .when(unban(['m'], { actor: user('m') }))
      .refused('ADMIN_ONLY');
    given(...group)
      .when(unban(['m'], { actor: user('x') }))
      .refused('NOT_A_MEMBER', { userId: 'x' });
  });
});

describe('expireBans', () => {
  const expire = (userIds: string[], fields: object = {}) => command('expireBans', { userIds, ...fields });

  test('announces the bans that have run out, by their ends, and leaves the others', () => {
    given(...group, banned(AT, 'm', 'a'), banned(AT - 9, 'n'), banned(AT + 1, 'b'), banned(undefined, 'o'))
      .when(expire(['b', 'm', 'n', 'o', 'a', 'x']))
      .then([banExpired(AT - 9, 'n'), banExpired(AT, 'm', 'a')], ['b', 'm', 'n', 'o', 'a', 'x'].map(ok));
  });

  test('is for services', () => {
    given(...group, banned(AT, 'm'))
      .when(expire(['m'], { actor: user('o') }))
      .refused('FORBIDDEN');
  });
});
