import {
  adminGranted,
  blocked,
  created,
  dismissed,
  joined,
  joinedBy,
  kicked,
  unblocked,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 5, 'a', 'b', 'm', 'n'), adminGranted('a', 'b')];
const block = (userIds: string[], fields: object = {}) => command('block', { userIds, ...fields });
const ok = (userId: string) => ({ userId, ok: true });
const no = (userId: string, code: 'OWNER_CANNOT_BE_BLOCKED' | 'ADMIN_CANNOT_BE_BLOCKED' | 'USER_BLOCKED') => ({
  userId,
  ok: false,
  code,
});

describe('block', () => {
  test('by a service removes the members among the users first, and then blocks all but the owner', () => {
    given(...group)
      .when(block(['m', 'x', 'o', 'a', 'm']))
      .then(
        [kicked(3, 'm', 'a'), blocked('m', 'x', 'a')],
        [ok('m'), ok('x'), no('o', 'OWNER_CANNOT_BE_BLOCKED'), ok('a')],
      );
  });

  test('by an admin blocks no admin; by the owner it does', () => {
    given(...group)
      .when(block(['b', 'a', 'x'], { actor: user('a') }))
      .then([blocked('x')], [no('b', 'ADMIN_CANNOT_BE_BLOCKED'), no('a', 'ADMIN_CANNOT_BE_BLOCKED'), ok('x')]);
    given(...group)
      .when(block(['b', 'o'], { actor: user('o') }))
      .then([kicked(4, 'b'), blocked('b')], [ok('b'), no('o', 'OWNER_CANNOT_BE_BLOCKED')]);
  });

  test('writes nothing for users who are blocked already', () => {
    given(...group, blocked('x'))
      .when(block(['x']))
      .then([], [ok('x')]);
  });
});

test('unblock lifts blocks, makes nobody a member, and changes nothing for other users', () => {
  given(...group, blocked('x', 'y'))
    .when(command('unblock', { userIds: ['y', 'x', 'z'], actor: user('a') }))
    .then([unblocked('y', 'x')], [ok('y'), ok('x'), ok('z')]);
});

test.each(['block', 'unblock'] as const)(
  '%s is refused to members and strangers, in an unknown group and in a dismissed one',
  (type) => {
    given(...group)
      .when(command(type, { userIds: ['n'], actor: user('m') }))
      .refused('ADMIN_ONLY');
    given(...group)
      .when(command(type, { userIds: ['n'], actor: user('x') }))
      .refused('NOT_A_MEMBER', { userId: 'x' });
    given()
      .when(command(type, { userIds: ['n'] }))
      .refused('GROUP_NOT_FOUND');
    given(...group, dismissed())
      .when(command(type, { userIds: ['n'] }))
      .refused('GROUP_DISMISSED');
  },
);

describe('a blocked user', () => {
  const blocking = [...group, blocked('x')];

  test('can not join', () => {
    given(...blocking)
      .when(command('join', { userId: 'x', actor: user('x') }))
      .refused('USER_BLOCKED', { userId: 'x' });
    given(...blocking)
      .when(command('join', { userId: 'x' }))
      .refused('USER_BLOCKED', { userId: 'x' });
  });

  test('is added by nobody, and the others are', () => {
    given(...blocking)
      .when(command('addMembers', { userIds: ['x', 'y'] }))
      .then([joined('add', 6, 'y')], [no('x', 'USER_BLOCKED'), ok('y')]);
    given(...blocking)
      .when(command('addMembers', { userIds: ['x', 'y'], actor: user('o') }))
      .then([joinedBy('add', 'o', 6, 'y')], [no('x', 'USER_BLOCKED'), ok('y')]);
  });

  test('is refused among the users of createOrJoin, and the others join', () => {
    given(...blocking)
      .when(command('createOrJoin', { userIds: ['x', 'y'] }))
      .then([joined('join', 6, 'y')], [no('x', 'USER_BLOCKED'), ok('y')]);
  });

  test('renames no group by createOrJoin', () => {
    given(...blocking)
      .when(command('createOrJoin', { userIds: ['x'], name: 'Other', rename: true }))
      .then([], [no('x', 'USER_BLOCKED')]);
  });

  test('joins after unblock', () => {
    given(...blocking, unblocked('x'))
      .when(command('join', { userId: 'x' }))
      .then([joined('join', 6, 'x')]);
  });
});
