import * as fc from 'fast-check';
import { DEFAULT_APP_LIMITS, DEFAULT_SETTINGS, type AppLimits, type GroupEvent } from '@cohort/contracts';
import {
  applicationApproved,
  applied,
  created,
  invitationAccepted,
  invited,
  joined,
  joinedBy,
  left,
  transferred,
  user,
} from '@cohort/contracts/testing';
import { decide } from './decide';
import { mustFitUser } from './group-limits';
import { initialState } from './state';
import { anyCommand, AT, command, context, given, stateAfter } from './testing';
import { userId as anyUser } from './testing/sample';

const limitsOf = (limits: Partial<AppLimits>) => ({ limits: { ...DEFAULT_APP_LIMITS, ...limits } });
/** Users with so many groups that they own, and are members of. */
const counted = (groups: number, users: Readonly<Record<string, readonly [owned: number, joined: number]>> = {}) => ({
  counts: {
    groups,
    users: new Map(Object.entries(users).map(([userId, [owned, all]]) => [userId, { owned, joined: all }])),
  },
});
const away = { counts: 'unavailable' } as const;
const ok = (userId: string) => ({ userId, ok: true });
const full = (userId: string) => ({ userId, ok: false, code: 'JOINED_GROUPS_REACHED' }) as const;

const open = { settings: { ...DEFAULT_SETTINGS, visibility: 'public', joinPolicy: 'open' } } as const;
const group = [created('o', open), joined('create', 2, 'm')];
const create = command('create', { name: 'Sales', owner: 'o', members: ['m'] });

describe('a tenant that limits its groups', () => {
  const limits = limitsOf({ groups: 5 });

  test('has that many, and no more', () => {
    given()
      .when(create, { ...limits, ...counted(4) })
      .then([created('o'), joined('create', 2, 'm')]);
    given()
      .when(create, { ...limits, ...counted(5) })
      .refused('TENANT_GROUPS_REACHED', { limit: 5 });
    given()
      .when(command('createOrJoin', { userIds: ['o'] }), { ...limits, ...counted(5) })
      .refused('TENANT_GROUPS_REACHED', { limit: 5 });
  });

  test('lets users join the groups that there are', () => {
    given(...group)
      .when(command('createOrJoin', { userIds: ['a'] }), { ...limits, ...counted(5) })
      .then([joined('join', 3, 'a')], [ok('a')]);
  });
});

describe('a tenant that limits the groups that a user owns', () => {
  const limits = limitsOf({ groupsOwnedPerUser: 2 });
  const reached = { limit: 2, userIds: ['m'] };

  test('refuses to make another group for them', () => {
    given()
      .when(command('create', { name: 'Sales', owner: 'm' }), { ...limits, ...counted(0, { m: [2, 2] }) })
      .refused('OWNED_GROUPS_REACHED', reached);
    given()
      .when(command('create', { name: 'Sales', owner: 'm' }), { ...limits, ...counted(0, { m: [1, 9] }) })
      .then([created('m')]);
  });

  test('refuses to transfer another group to them, but an heir gets the group of an owner who leaves', () => {
    given(...group)
      .when(command('transfer', { newOwner: 'm' }), { ...limits, ...counted(0, { m: [2, 2] }) })
      .refused('OWNED_GROUPS_REACHED', reached);
    given(...group)
      .when(command('transfer', { newOwner: 'm' }), { ...limits, ...counted(0, { m: [1, 2] }) })
      .then([transferred('o', 'm')]);
    given(...group)
      .when(command('leave', { userId: 'o', ownerPolicy: 'oldestMember' }), { ...limits, ...counted(0, { m: [2, 2] }) })
      .then([transferred('o', 'm', 'ownerLeft'), left(1, 'o')]);
  });
});

describe('a tenant that limits the groups that a user is a member of', () => {
  const limits = limitsOf({ groupsJoinedPerUser: 3 });
  const few = { ...limits, ...counted(0, { a: [0, 2], b: [0, 3], c: [3, 4] }) };

  test('refuses users with too many with a result each, and adds the others', () => {
    given(...group)
      .when(command('addMembers', { userIds: ['b', 'a', 'c'] }), few)
      .then([joined('add', 3, 'a')], [full('b'), ok('a'), full('c')]);
    given(...group)
      .when(command('createOrJoin', { userIds: ['b', 'a'] }), few)
      .then([joined('join', 3, 'a')], [full('b'), ok('a')]);
  });

  test('counts beside its user directory', () => {
    given(...group)
      .when(command('addMembers', { userIds: ['x', 'b', 'a'] }), { ...few, unknownUsers: new Set(['x']) })
      .then([joined('add', 3, 'a')], [{ userId: 'x', ok: false, code: 'USER_UNKNOWN' }, full('b'), ok('a')]);
  });

  const reached = { limit: 3, userIds: ['b'] };
  test('refuses a whole command that would make one user a member', () => {
    const pending = [...group, applied('b', 1, AT + 9), invited('o', { b: 1 }, AT + 9)];
    for (const asked of [
      command('join', { userId: 'b' }),
      command('join', { userId: 'b', actor: user('b') }),
      command('apply', { userId: 'b' }),
      command('transfer', { newOwner: 'b', addIfMissing: true }),
      command('handleApplication', { userId: 'b', approve: true }),
      command('handleInvitation', { userId: 'b', approve: true }),
    ]) {
      given(...pending)
        .when(asked, few)
        .refused('JOINED_GROUPS_REACHED', reached);
    }
    given(...pending)
      .when(command('handleApplication', { userId: 'b', approve: true }), { ...limits, ...counted(0, { b: [0, 2] }) })
      .then([applicationApproved('b', 1), joined('application', 3, 'b')]);
  });

  test('refuses a new group with such an owner or first member', () => {
    given()
      .when(command('create', { name: 'Sales', owner: 'b' }), few)
      .refused('JOINED_GROUPS_REACHED', reached);
    given()
      .when(command('create', { name: 'Sales', owner: 'o', members: ['a', 'b'] }), few)
      .refused('JOINED_GROUPS_REACHED', reached);
  });

  test('refuses to make a group by joining it for such a first user, and makes it without others', () => {
    given()
      .when(command('createOrJoin', { userIds: ['b', 'a'] }), few)
      .refused('JOINED_GROUPS_REACHED', reached);
    given()
      .when(command('createOrJoin', { userIds: ['a', 'b'] }), few)
      .then([created('a', { name: 'g' })], [ok('a'), full('b')]);
  });

  test('lets such users stay, be invited, and apply where an admin decides', () => {
    given(...group)
      .when(command('invite', { userIds: ['b'] }), few)
      .then([invited('o', { b: 1 }, AT + few.limits.invitationMs)], [ok('b')]);
    given(...group, joined('add', 3, 'b'))
      .when(command('addMembers', { userIds: ['b'] }), few)
      .then([], [ok('b')]);
  });

  test('refuses a sync to more groups than that', () => {
    expect(mustFitUser(3, { groupsJoinedPerUser: 3 })).toBeUndefined();
    expect(mustFitUser(4, { groupsJoinedPerUser: 3 })).toMatchObject({
      ok: false,
      error: { code: 'JOINED_GROUPS_REACHED', details: { limit: 3, wanted: 4 } },
    });
    expect(mustFitUser(5_000)).toBeUndefined();
  });
});

describe('a tenant whose groups cannot be counted', () => {
  const limits = limitsOf({ groups: 5, groupsOwnedPerUser: 2, groupsJoinedPerUser: 3 });
  const unavailable = ['UNAVAILABLE', { dependency: 'query' }] as const;

  test('gets no new group, owner or member', () => {
    given()
      .when(create, { ...limits, ...away })
      .refused(...unavailable);
    for (const asked of [
      command('addMembers', { userIds: ['a'] }),
      command('join', { userId: 'a' }),
      command('transfer', { newOwner: 'm' }),
    ]) {
      given(...group)
        .when(asked, { ...limits, ...away })
        .refused(...unavailable);
    }
  });

  test('carries out what needs no count', () => {
    given(...group)
      .when(command('invite', { userIds: ['b'] }), { ...limits, ...away })
      .then([invited('o', { b: 1 }, AT + limits.limits.invitationMs)], [ok('b')]);
    given(...group)
      .when(command('join', { userId: 'm' }), { ...limits, ...away })
      .then([]);
  });
});

test('no command makes a user with too many groups a member or, on request, an owner', () => {
  const starts = [initialState, stateAfter(group), stateAfter([...group, joined('add', 4, 'u1', 'u2')])];
  const brought = (event: GroupEvent): string[] => {
    if (event.type === 'memberJoined') return event.data.members.map(({ userId }) => userId);
    if (event.type === 'created') return [event.data.owner];
    return event.type === 'ownerTransferred' && event.data.reason === 'requested' ? [event.data.to] : [];
  };
  fc.assert(
    fc.property(fc.constantFrom(...starts), anyCommand, fc.uniqueArray(anyUser), (state, asked, ids) => {
      const all = Object.fromEntries(ids.map((userId) => [userId, [1, 1]] as const));
      const now = { ...context, ...limitsOf({ groupsOwnedPerUser: 1, groupsJoinedPerUser: 1 }), ...counted(0, all) };
      const decision = decide(asked, state, now);
      if (!decision.ok) return;
      expect(decision.events.flatMap(brought).filter((userId) => ids.includes(userId))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('a tenant without limits needs no counts', () => {
  given()
    .when(create)
    .then([created('o'), joined('create', 2, 'm')]);
  given(...group, invited('o', { b: 1 }, AT + 9))
    .when(command('handleInvitation', { userId: 'b', approve: true }))
    .then([invitationAccepted('b', 1, 'o'), joinedBy('invitation', 'o', 3, 'b')]);
});
