import { GROUP_COMMANDS, type Actor, type GroupCommand, type GroupEvent } from '@cohort/contracts';
import { decide, evolve } from '@cohort/group';
import {
  command,
  created,
  dismissed,
  granted,
  joined,
  kicked,
  left,
  service,
  transferred,
  user,
} from '../../libs/group/src/testing/facts';
import { context, given, stateAfter } from '../../libs/group/src/testing/given';

/** Defects that users of other group services reported, and that the rules of a group make impossible here. */

const sales = [created('o'), joined('add', 4, 'a', 'b', 'c')];

/** What these commands write, one after another. */
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

test('a kick is told with the count before it (openimsdk/open-im-server#3651, #2097)', () => {
  given(...sales)
    .when(command('kick', { userIds: ['a', 'b'] }))
    .then(
      [kicked(2, 'a', 'b')],
      ['a', 'b'].map((userId) => ({ userId, ok: true })),
    );
});

test('the stored count drifts from the members, below zero at last (wildfirechat/im-server#309, RocketChat/Rocket.Chat#11426, #14896)', () => {
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

test('the API kicks the owner, and nobody can dismiss the group or hand it over any more (openimsdk/open-im-server#2361)', () => {
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
  const fields: { readonly [N in keyof typeof GROUP_COMMANDS]: object } = {
    create: { name: 'Sales', owner: 'o' },
    changeInfo: { name: 'Again' },
    join: { userId: 'd' },
    leave: { userId: 'a' },
    leaveMany: { userIds: ['a'] },
    addMembers: { userIds: ['d'] },
    kick: { userIds: ['a'] },
    transfer: { newOwner: 'a' },
    dismiss: {},
    createOrJoin: { userIds: ['d'], rename: true, name: 'Again' },
  };

  test.each(Object.keys(fields).filter((name) => name !== 'dismiss') as (keyof typeof fields)[])(
    'goes on: %s is carried out (openimsdk/open-im-server#1654, #1587)',
    (name) =>
      given(...over)
        .when({ type: name, data: { ...command('dismiss', {}).data, ...fields[name] } } as GroupCommand)
        .refused('GROUP_DISMISSED'),
  );

  test('is dismissed a second time by what follows the first (openimsdk/open-im-server#3050)', () => {
    given(...over)
      .when(command('dismiss', {}))
      .then([]);
    // The owner's leaving is the end, in one event: nobody has to dismiss, or put out, anybody after it.
    given(...sales)
      .when(command('leave', { userId: 'o', ownerPolicy: 'dismiss' }))
      .then([dismissed('ownerLeft')]);
  });
});

describe('whoever acts, and on whom', () => {
  const onBehalfOf: Actor = { type: 'service', onBehalfOf: 'root' };

  test("a join on behalf of a user makes him something else than a member, who can't be kicked (tinode/chat#574)", () => {
    given(...sales)
      .when(command('join', { userId: 'd', actor: onBehalfOf }))
      .then([joined('join', 5, 'd')]);
    given(...sales, joined('join', 5, 'd'))
      .when(command('kick', { userIds: ['d'], actor: user('o') }))
      .then([kicked(4, 'd')], [{ userId: 'd', ok: true }]);
  });

  test('an old owner keeps his rights (tinode/chat#418)', () => {
    const after = given(...sales, transferred('o', 'a', 'requested'));
    after.when(command('kick', { userIds: ['b'], actor: user('o') })).refused('ADMIN_ONLY');
    after.when(command('dismiss', { actor: user('o') })).refused('OWNER_ONLY');
    after.when(command('leave', { userId: 'o', actor: user('o') })).then([left(3, 'o')]);
  });

  test('that a leave failed stands in the log only (tinode/chat#102)', () => {
    given(...sales)
      .when(command('leave', { userId: 'o', actor: user('o') }))
      .refused('OWNER_CANNOT_LEAVE');
  });

  test("root can't remove a member (tinode/chat#207)", () => {
    given(...sales, granted('a'))
      .when(command('kick', { userIds: ['a', 'b'], actor: service }))
      .then(
        [kicked(2, 'a', 'b')],
        ['a', 'b'].map((userId) => ({ userId, ok: true })),
      );
  });
});

test('two owners are better than none (tinode/chat server/topic.go): a transfer goes through a moment with either', () => {
  const [event, ...others] = eventsOf(sales, command('transfer', { newOwner: 'a' }));
  expect(others).toEqual([]);
  const ownersOf = (...events: GroupEvent[]) => {
    const state = stateAfter(events);
    return state.status === 'live'
      ? [...state.members].filter(([, { role }]) => role === 'owner').map(([id]) => id)
      : [];
  };
  expect([ownersOf(...sales), ownersOf(...sales, event!)]).toEqual([['o'], ['a']]);
});

test('a join into a large group writes all of its members again (open-im-server version_log.go, one document per group)', () => {
  const members = Array.from({ length: 5_000 }, (_, i) => `u${i}`);
  const large = [created('o', { capacity: 10_000 }), joined('add', 5_001, ...members)];
  const [small, big] = [sales, large].map((before) => eventsOf(before, command('join', { userId: 'new' })));
  expect(small).toEqual([joined('join', 5, 'new')]);
  expect(big).toEqual([joined('join', 5_002, 'new')]);
});
