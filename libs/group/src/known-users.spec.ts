import * as fc from 'fast-check';
import { DEFAULT_SETTINGS, usersNamedIn, type GroupCommand, type GroupEvent } from '@cohort/contracts';
import {
  adminGranted,
  applicationDeclined,
  applied,
  banned,
  created,
  invitationDeclined,
  invited,
  joined,
  kicked,
  left,
  transferred,
  user,
} from '@cohort/contracts/testing';
import { decide } from './decide';
import { initialState } from './state';
import { anyCommand, AT, command, context, given, stateAfter, type CommandFields } from './testing';
import { userId as anyUser } from './testing/sample';

const without = (...userIds: string[]) => ({ unknownUsers: new Set(userIds) });
const away = { unknownUsers: 'unavailable' } as const;
const ok = (userId: string) => ({ userId, ok: true });
const unknown = (userId: string) => ({ userId, ok: false, code: 'USER_UNKNOWN' }) as const;

const open = { settings: { ...DEFAULT_SETTINGS, visibility: 'public', joinPolicy: 'open' } } as const;
/** An open group of `o` and `m`. */
const group = [created('o', open), joined('create', 2, 'm')];

describe('a tenant with a user directory', () => {
  test('refuses unknown users with a result each, and carries out the rest of the command', () => {
    given(...group)
      .when(command('addMembers', { userIds: ['x', 'a', 'x', 'y', 'b'] }), without('x', 'y'))
      .then([joined('add', 4, 'a', 'b')], [unknown('x'), ok('a'), unknown('y'), ok('b')]);
    given(...group)
      .when(command('ban', { userIds: ['x', 'm'] }), without('x'))
      .then([banned(undefined, 'm')], [unknown('x'), ok('m')]);
    given(...group)
      .when(command('createOrJoin', { userIds: ['x', 'a'] }), without('x'))
      .then([joined('join', 3, 'a')], [unknown('x'), ok('a')]);
    given()
      .when(command('createOrJoin', { userIds: ['x', 'o', 'm'] }), without('x'))
      .then([created('o', { name: 'g' }), joined('create', 2, 'm')], [unknown('x'), ok('o'), ok('m')]);
  });

  test.each(['addMembers', 'invite', 'ban', 'block', 'grantAdmins'] as const)(
    '%s of unknown users alone changes nothing',
    (type) => {
      given(...group)
        .when(command(type, { userIds: ['x'] }), without('x'))
        .then([], [unknown('x')]);
    },
  );

  test('keeps the results that a command gives the known users', () => {
    given(...group)
      .when(command('invite', { userIds: ['m', 'x'] }), without('x'))
      .then([], [{ userId: 'm', ok: false, code: 'ALREADY_A_MEMBER' }, unknown('x')]);
  });

  const pending = [...group, applied('a', 1, AT + 9), invited('o', { i: 1 }, AT + 9)];
  const whole: Readonly<Record<string, GroupCommand>> = {
    join: command('join', { userId: 'x' }),
    'join by the user themselves': command('join', { userId: 'x', actor: user('x') }),
    apply: command('apply', { userId: 'x' }),
    transfer: command('transfer', { newOwner: 'x', addIfMissing: true }),
    'transfer to a user who would be no member': command('transfer', { newOwner: 'x' }),
    'createOrJoin of nobody else': command('createOrJoin', { userIds: ['x'] }),
    'handleApplication without an application': command('handleApplication', { userId: 'x', approve: true }),
    'handleInvitation without an invitation': command('handleInvitation', { userId: 'x', approve: true }),
  };
  test.each(Object.entries(whole))('refuses %s of an unknown user', (_name, asked) => {
    given(...group)
      .when(asked, without('x', 'y'))
      .refused('USER_UNKNOWN', { userIds: ['x'] });
  });

  test('refuses to approve an application, or to accept an invitation, of a user whom the directory has forgotten', () => {
    given(...pending)
      .when(command('handleApplication', { userId: 'a', approve: true }), without('a'))
      .refused('USER_UNKNOWN', { userIds: ['a'] });
    given(...pending)
      .when(command('handleInvitation', { userId: 'i', approve: true }), without('i'))
      .refused('USER_UNKNOWN', { userIds: ['i'] });
    given(...pending)
      .when(command('handleApplication', { userId: 'a', approve: false }), without('a'))
      .then([applicationDeclined('a', 1)]);
    given(...pending)
      .when(command('handleInvitation', { userId: 'i', approve: false }), without('i'))
      .then([invitationDeclined('i', 1, 'o')]);
  });

  test('refuses to create a group with an unknown owner or first member, and names up to ten of them', () => {
    const create = (fields: Partial<CommandFields<'create'>>) =>
      given().when(command('create', { name: 'Sales', owner: 'o', ...fields }), without('x', ...many));
    const many = Array.from({ length: 12 }, (_, i) => `x${i}`);
    create({ owner: 'x' }).refused('USER_UNKNOWN', { userIds: ['x'] });
    create({ members: ['a', 'x'] }).refused('USER_UNKNOWN', { userIds: ['x'] });
    create({ members: many, capacity: 20 }).refused('USER_UNKNOWN', { userIds: many.slice(0, 10), more: 2 });
    create({ members: ['a'] }).then([created('o'), joined('create', 2, 'a')]);
  });

  test('other reasons to refuse a whole command come first', () => {
    given()
      .when(command('join', { userId: 'x' }), without('x'))
      .refused('GROUP_NOT_FOUND');
    given(...group)
      .when(command('transfer', { newOwner: 'x', actor: user('m') }), without('x'))
      .refused('OWNER_ONLY');
    given(...group)
      .when(command('addMembers', { userIds: ['x'], actor: user('m') }), without('x'))
      .refused('ADMIN_ONLY');
  });

  test('lets a member whom the directory has forgotten be banned, blocked, kicked, and leave', () => {
    given(...group)
      .when(command('ban', { userIds: ['m'] }), without('m'))
      .then([banned(undefined, 'm')], [ok('m')]);
    given(...group)
      .when(command('kick', { userIds: ['m'] }), without('m'))
      .then([kicked(1, 'm')], [ok('m')]);
    given(...group)
      .when(command('leave', { userId: 'm' }), without('m'))
      .then([left(1, 'm')]);
    given(...group)
      .when(command('addMembers', { userIds: ['m'] }), without('m'))
      .then([], [ok('m')]);
  });

  test('does not let such a member become an admin or the owner', () => {
    given(...group)
      .when(command('grantAdmins', { userIds: ['m'] }), without('m'))
      .then([], [unknown('m')]);
    given(...group)
      .when(command('transfer', { newOwner: 'm' }), without('m'))
      .refused('USER_UNKNOWN', { userIds: ['m'] });
  });

  test('the parts of a sync, and of a ban in all groups, were decided on as a whole', () => {
    given(...group)
      .when(command('createOrJoin', { userIds: ['x'], sync: 3 }), without('x'))
      .then(
        [joined('sync', 3, 'x')].map((event) => ({ ...event, data: { ...event.data, sync: 3 } })),
        [ok('x')],
      );
    given(...group)
      .when(command('ban', { userIds: ['m'], until: '2030-01-02T00:00:00.000Z' }), away)
      .then([banned(Date.parse('2030-01-02T00:00:00.000Z'), 'm')], [ok('m')]);
  });

  test('whose directory gives no answer refuses what would change a group for outsiders', () => {
    for (const asked of [
      command('addMembers', { userIds: ['a'] }),
      command('join', { userId: 'a' }),
      command('transfer', { newOwner: 'm' }),
    ]) {
      given(...group)
        .when(asked, away)
        .refused('UNAVAILABLE', { dependency: 'userDirectory' });
    }
    given()
      .when(command('create', { name: 'Sales', owner: 'o' }), away)
      .refused('UNAVAILABLE', { dependency: 'userDirectory' });
  });

  test('whose directory gives no answer carries out what needs none', () => {
    given(...group)
      .when(command('ban', { userIds: ['m'] }), away)
      .then([banned(undefined, 'm')], [ok('m')]);
    given(...group)
      .when(command('join', { userId: 'm' }), away)
      .then([]);
    given(...group)
      .when(command('transfer', { newOwner: 'o' }), away)
      .then([]);
    given(...group)
      .when(command('addMembers', { userIds: ['a'], actor: user('m') }), away)
      .refused('ADMIN_ONLY');
    given(...group, adminGranted('m'))
      .when(command('kick', { userIds: ['m'] }), away)
      .then([kicked(1, 'm')], [ok('m')]);
  });

  test('no event of any command brings an unknown user into a group, or gives them a right', () => {
    const BRINGS: readonly GroupEvent['type'][] = ['created', 'memberJoined', 'invited', 'applied', 'adminGranted'];
    const starts = [initialState, stateAfter(group), stateAfter([...group, joined('add', 4, 'u1', 'u2')])];
    fc.assert(
      fc.property(fc.constantFrom(...starts), anyCommand, fc.uniqueArray(anyUser), (state, asked, ids) => {
        const { data, type } = asked;
        if (type.startsWith('import') || ('sync' in data && data.sync !== undefined)) return;
        const decision = decide(asked, state, { ...context, ...without(...ids) });
        if (!decision.ok) return;
        const brought = decision.events.filter((event) => BRINGS.includes(event.type));
        const named = brought.flatMap((event) => usersNamedIn({ ...event.data, inviter: undefined, by: undefined }));
        expect(named.filter((userId) => ids.includes(userId))).toEqual([]);
        const heirs = decision.events.flatMap((event) => (event.type === 'ownerTransferred' ? [event.data] : []));
        expect(heirs.filter(({ to, reason }) => reason === 'requested' && ids.includes(to))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a tenant without a user directory takes every well-formed user', () => {
  given(...group)
    .when(command('transfer', { newOwner: 'x', addIfMissing: true }))
    .then([joined('add', 3, 'x'), transferred('o', 'x')]);
});
