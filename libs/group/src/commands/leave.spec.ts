import type { OwnerPolicy } from '@cohort/contracts';
import { command, created, dismissed, granted, joined, left, revoked, transferred, user } from '../testing/facts';
import { given } from '../testing/given';

// In the order of joining: o, a, b, c; b and c are admins.
const group = [created('o'), joined('create', 4, 'a', 'b', 'c'), granted('c', 'b')];
const leave = (userId: string, fields: object = {}) => command('leave', { userId, ...fields });

test('a member goes, by himself or by a service', () => {
  given(...group)
    .when(leave('a'))
    .then([left(3, 'a')]);
  given(...group)
    .when(leave('a', { actor: user('a') }))
    .then([left(3, 'a')]);
});

test('not by another user, be he the owner', () => {
  given(...group)
    .when(leave('a', { actor: user('o') }))
    .refused('FORBIDDEN');
});

test('who is out stays out', () => {
  given(...group)
    .when(leave('x'))
    .then([]);
});

test('only a live group can be left', () => {
  given().when(leave('a')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(leave('a'))
    .refused('GROUP_DISMISSED');
});

describe('the owner leaves', () => {
  test('refuse: he stays', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'refuse' })
      .refused('OWNER_CANNOT_LEAVE');
  });

  test('oldestAdmin: the admin who joined first follows', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'oldestAdmin' })
      .then([transferred('o', 'b', 'ownerLeft'), left(3, 'o')]);
  });

  test('oldestAdmin, but there is none: the oldest member follows', () => {
    given(...group, revoked('b', 'c'))
      .when(leave('o'), { ownerPolicy: 'oldestAdmin' })
      .then([transferred('o', 'a', 'ownerLeft'), left(3, 'o')]);
  });

  test('oldestMember: who joined first follows', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'oldestMember' })
      .then([transferred('o', 'a', 'ownerLeft'), left(3, 'o')]);
  });

  test('who came back counts from his return', () => {
    given(...group, left(3, 'a'), joined('join', 4, 'a'))
      .when(leave('o'), { ownerPolicy: 'oldestMember' })
      .then([transferred('o', 'b', 'ownerLeft'), left(3, 'o')]);
  });

  test('an owner by transfer keeps his place in the order of joining', () => {
    given(...group, transferred('o', 'c', 'requested'))
      .when(leave('c'), { ownerPolicy: 'oldestMember' })
      .then([transferred('c', 'o', 'ownerLeft'), left(3, 'c')]);
  });

  test('dismiss: the group ends', () => {
    given(...group)
      .when(leave('o'), { ownerPolicy: 'dismiss' })
      .then([dismissed('ownerLeft')]);
  });

  test.each<OwnerPolicy>(['oldestAdmin', 'oldestMember', 'dismiss'])(
    '%s, and he is alone: the group ends',
    (policy) => {
      given(created('o'))
        .when(leave('o'), { ownerPolicy: policy })
        .then([dismissed('ownerLeft')]);
    },
  );

  test('refuse, and he is alone: he stays', () => {
    given(created('o')).when(leave('o')).refused('OWNER_CANNOT_LEAVE');
  });

  test("a service may choose the policy, a user has the app's", () => {
    given(...group)
      .when(leave('o', { ownerPolicy: 'dismiss' }))
      .then([dismissed('ownerLeft')]);
    given(...group)
      .when(leave('o', { ownerPolicy: 'dismiss', actor: user('o') }))
      .refused('OWNER_CANNOT_LEAVE');
  });
});
