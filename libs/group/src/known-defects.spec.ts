import type { Actor, GroupCommand, GroupEvent } from '@cohort/contracts';
import {
  adminGranted,
  created,
  dismissed,
  joined,
  kicked,
  left,
  service,
  transferred,
  user,
} from '@cohort/contracts/testing';
import { decide, evolve } from '.';
import { command, COMMAND_NAMES, context, exampleOf, given, membersOf, stateAfter } from './testing';

/** Defects that users of other group services reported, and that the rules of a group make impossible here. */

const sales = [created('o'), joined('add', 4, 'a', 'b', 'c')];

/** The events that these commands write, one after another. */
function eventsOf(before: readonly GroupEvent[], ...commands: readonly GroupCommand[]): GroupEvent[] {
  const events: GroupEvent[] = [];
  let state = stateAfter(before);
  for (const one of commands) {
    const decision = decide(one, state, context);
    if (!decision.ok) continue;
    events.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  }
  return events;
}

// openimsdk/open-im-server#3651, #2097: a kick was announced with the count before it.
test('a kick carries the member count after it', () => {
  given(...sales)
    .when(command('kick', { userIds: ['a', 'b'] }))
    .then(
      [kicked(2, 'a', 'b')],
      ['a', 'b'].map((userId) => ({ userId, ok: true })),
    );
});

// wildfirechat/im-server#309, RocketChat/Rocket.Chat#11426, #14896: the stored count drifted from the members, at last below zero.
test('the member count follows the members through repeated kicks, leaves and additions', () => {
  const again = [
    command('kick', { userIds: ['a', 'a', 'b'] }),
    command('kick', { userIds: ['a', 'b'] }),
    command('leave', { userId: 'a' }),
    command('leaveMany', { userIds: ['b', 'c', 'nobody'] }),
    command('leave', { userId: 'c' }),
    command('addMembers', { userIds: ['o', 'd', 'd'] }),
    command('join', { userId: 'd' }),
  ];
  expect(eventsOf(sales, ...again)).toEqual([kicked(2, 'a', 'b'), left(1, 'c'), joined('add', 2, 'd')]);
});

// openimsdk/open-im-server#2361: the API kicked the owner, and no user could dismiss or transfer the group any more.
test('a kick by a service spares the owner, who can still transfer and dismiss the group', () => {
  const kick = command('kick', { userIds: ['o', 'a'] });
  given(...sales)
    .when(kick)
    .then(
      [kicked(3, 'a')],
      [
        { userId: 'o', ok: false, code: 'OWNER_CANNOT_BE_KICKED' },
        { userId: 'a', ok: true },
      ],
    );
  const after = [...sales, kicked(3, 'a')];
  given(...after)
    .when(command('transfer', { newOwner: 'b', actor: user('o') }))
    .then([transferred('o', 'b', 'requested')]);
  given(...after)
    .when(command('dismiss', { actor: user('o') }))
    .then([dismissed('requested')]);
});

describe('a dismissed group', () => {
  const over = [...sales, dismissed('requested')];

  // openimsdk/open-im-server#1654, #1587: a dismissed group could still be used.
  test.each(COMMAND_NAMES.filter((name) => name !== 'dismiss'))('refuses %s', (name) =>
    given(...over)
      .when(exampleOf(name, 'd'))
      .refused('GROUP_DISMISSED'),
  );

  // openimsdk/open-im-server#3050: a group was dismissed a second time by what followed the first.
  test("has one dismissed event, whether it is dismissed again or its owner's leaving ended it", () => {
    given(...over)
      .when(command('dismiss', {}))
      .then([]);
    // An owner's leaving ends the group in one event: no dismiss or kick has to follow.
    given(...sales)
      .when(command('leave', { userId: 'o', ownerPolicy: 'dismiss' }))
      .then([dismissed('ownerLeft')]);
  });
});

const onBehalfOf: Actor = { type: 'service', onBehalfOf: 'root' };

// tinode/chat#574: a join on behalf of a user made them something else than a member, who couldn't be kicked.
test('a user who joins on behalf of another is a member like any other, and can be kicked', () => {
  given(...sales)
    .when(command('join', { userId: 'd', actor: onBehalfOf }))
    .then([joined('join', 5, 'd')]);
  given(...sales, joined('join', 5, 'd'))
    .when(command('kick', { userIds: ['d'], actor: user('o') }))
    .then([kicked(4, 'd')], [{ userId: 'd', ok: true }]);
});

// tinode/chat#418: a former owner kept their rights.
test('a former owner has the rights of a member', () => {
  const after = given(...sales, transferred('o', 'a', 'requested'));
  after.when(command('kick', { userIds: ['b'], actor: user('o') })).refused('ADMIN_ONLY');
  after.when(command('dismiss', { actor: user('o') })).refused('OWNER_ONLY');
  after.when(command('leave', { userId: 'o', actor: user('o') })).then([left(3, 'o')]);
});

// tinode/chat#102: that a leave failed was reported in the log only.
test('a refused leave is returned to its caller as an error', () => {
  given(...sales)
    .when(command('leave', { userId: 'o', actor: user('o') }))
    .refused('OWNER_CANNOT_LEAVE');
});

// tinode/chat#207: root couldn't remove a member.
test('a service kicks members and admins alike', () => {
  given(...sales, adminGranted('a'))
    .when(command('kick', { userIds: ['a', 'b'], actor: service }))
    .then(
      [kicked(2, 'a', 'b')],
      ['a', 'b'].map((userId) => ({ userId, ok: true })),
    );
});

// tinode/chat server/topic.go, "two owners are better than none": a transfer went through a moment with either.
test('a transfer is one event, with exactly one owner before and after it', () => {
  const [event, ...others] = eventsOf(sales, command('transfer', { newOwner: 'a' }));
  expect(others).toEqual([]);
  const ownersOf = (...events: GroupEvent[]) =>
    membersOf(stateAfter(events)).flatMap(({ userId, role }) => (role === 'owner' ? [userId] : []));
  expect([ownersOf(...sales), ownersOf(...sales, event!)]).toEqual([['o'], ['a']]);
});

// open-im-server version_log.go, one document per group: a join into a large group wrote all of its members again.
test('a join writes one event with one member, however large the group is', () => {
  const members = Array.from({ length: 5_000 }, (_, i) => `u${i}`);
  const large = [created('o', { capacity: 10_000 }), joined('add', 5_001, ...members)];
  const [small, big] = [sales, large].map((before) => eventsOf(before, command('join', { userId: 'new' })));
  expect(small).toEqual([joined('join', 5, 'new')]);
  expect(big).toEqual([joined('join', 5_002, 'new')]);
});
