import type { OwnerPolicy } from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  created,
  dismissed,
  joined,
  left,
  transferred,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

// In the order of joining: o, a, b, c; b and c are admins.
const group = [created('o'), joined('create', 4, 'a', 'b', 'c'), adminGranted('c', 'b')];
const leave = (userId: string, fields: object = {}) => command('leave', { userId, ...fields });

test('a member leaves by themself or by a service', () => {
  given(...group)
    .when(leave('a'))
    .then([left(3, 'a')]);
  given(...group)
    .when(leave('a', { actor: user('a') }))
    .then([left(3, 'a')]);
});

test('leave for another user is refused, also to the owner', () => {
  given(...group)
    .when(leave('a', { actor: user('o') }))
    .refused('FORBIDDEN');
});

test('leave of a user that is no member changes nothing', () => {
  given(...group)
    .when(leave('x'))
    .then([]);
});

test('leave refuses an unknown group and a dismissed one', () => {
  given().when(leave('a')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(leave('a'))
    .refused('GROUP_DISMISSED');
});

describe('an owner that leaves', () => {
  test('an owner that leaves is refused under the policy refuse', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'refuse' })
      .refused('OWNER_CANNOT_LEAVE');
  });

  test('the admin that joined first becomes owner under the policy oldestAdmin', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'oldestAdmin' })
      .then([transferred('o', 'b', 'ownerLeft'), left(3, 'o')]);
  });

  test('the member that joined first becomes owner under the policy oldestAdmin without admins', () => {
    given(...group, adminRevoked('b', 'c'))
      .when(leave('o'), { ownerPolicy: 'oldestAdmin' })
      .then([transferred('o', 'a', 'ownerLeft'), left(3, 'o')]);
  });

  test('the member that joined first becomes owner under the policy oldestMember', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'oldestMember' })
      .then([transferred('o', 'a', 'ownerLeft'), left(3, 'o')]);
  });

  test('a member that left and came back counts from their return', () => {
    given(...group, left(3, 'a'), joined('join', 4, 'a'))
      .when(leave('o'), { ownerPolicy: 'oldestMember' })
      .then([transferred('o', 'b', 'ownerLeft'), left(3, 'o')]);
  });

  test('an owner by transfer keeps their place in the order of joining', () => {
    given(...group, transferred('o', 'c', 'requested'))
      .when(leave('c'), { ownerPolicy: 'oldestMember' })
      .then([transferred('c', 'o', 'ownerLeft'), left(3, 'c')]);
  });

  test('an owner that leaves ends the group under the policy dismiss', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'dismiss' })
      .then([dismissed('ownerLeft')]);
  });

  test.each<OwnerPolicy>(['oldestAdmin', 'oldestMember', 'dismiss'])(
    'an owner that leaves and is alone ends the group under the policy %s',
    (policy) => {
      given(created('o'))
        .when(leave('o'), { ownerPolicy: policy })
        .then([dismissed('ownerLeft')]);
    },
  );

  test('an owner that leaves and is alone is refused under the policy refuse', () => {
    given(created('o')).when(leave('o')).refused('OWNER_CANNOT_LEAVE');
  });

  test("a service may choose the owner policy, a user has the tenant's", () => {
    given(...group)
      .when(leave('o', { ownerPolicy: 'dismiss' }))
      .then([dismissed('ownerLeft')]);
    given(...group)
      .when(leave('o', { ownerPolicy: 'dismiss', actor: user('o') }))
      .refused('OWNER_CANNOT_LEAVE');
  });
});
