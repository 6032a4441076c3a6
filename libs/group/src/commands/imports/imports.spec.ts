import { DEFAULT_SETTINGS } from '@cohort/contracts';
import {
  banned,
  blocked,
  capacityChanged,
  created,
  disabled,
  dismissed,
  importCompleted,
  importStarted,
  joined,
  membersImported,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { decide } from '../../decide';
import { AT, context, given, stateAfter } from '../../testing/given';

const begin = (fields: object = {}) => command('importGroup', { importId: 'i', name: 'Sales', owner: 'o', ...fields });
const chunk = (number: number, userIds: string[], fields: object = {}) =>
  command('importMembers', { importId: 'i', chunk: number, members: userIds.map((userId) => ({ userId })), ...fields });
const complete = (chunks: number, fields: object = {}) =>
  command('completeImport', { importId: 'i', chunks, ...fields });
const members = (...userIds: string[]) => userIds.map((userId) => ({ userId }));

const running = [created('o'), importStarted('i')];
const [at, then] = ['2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'];

test('importGroup makes a group and begins its import, with the times of elsewhere', () => {
  given()
    .when(begin())
    .then([created('o'), importStarted('i')]);
  given()
    .when(begin({ createdAt: at }))
    .then([created('o'), importStarted('i', { createdAt: at, ownerJoinedAt: at })]);
  given()
    .when(begin({ createdAt: at, ownerJoinedAt: then, capacity: 7 }))
    .then([created('o', { capacity: 7 }), importStarted('i', { createdAt: at, ownerJoinedAt: then })]);
});

test('importGroup may be repeated at any time, and refuses the id of any other group', () => {
  given(...running)
    .when(begin())
    .then([]);
  given(...running, membersImported(0, 2, { userId: 'a' }), importCompleted(1, 2))
    .when(begin({ name: 'Another' }))
    .then([]);
  given(...running)
    .when(begin({ importId: 'j' }))
    .refused('GROUP_EXISTS', { importId: 'i' });
  given(...running, importCompleted(0, 1))
    .when(begin({ importId: 'j' }))
    .refused('GROUP_EXISTS');
  given(created('o')).when(begin()).refused('GROUP_EXISTS');
  given(created('o'), dismissed()).when(begin()).refused('GROUP_DISMISSED');
  given()
    .when(begin({ groupId: '4503599627370496' }))
    .refused('GROUP_ID_RESERVED');
});

test('importMembers adds members with their roles and times, each once', () => {
  given(...running)
    .when(
      command('importMembers', {
        importId: 'i',
        chunk: 0,
        members: [
          { userId: 'a', role: 'admin', joinedAt: at },
          { userId: 'b', role: 'member' },
          { userId: 'o', role: 'admin' },
          { userId: 'a', joinedAt: then },
        ],
      }),
    )
    .then([membersImported(0, 3, { userId: 'a', role: 'admin', joinedAt: at }, { userId: 'b' })]);
});

test('importGroup takes the settings of elsewhere, each other one with its default, and texts; the group may be disabled', () => {
  const settings = { visibility: 'public', joinPolicy: 'open', membersMayInvite: true } as const;
  const texts = { description: 'D', avatar: 'https://example.org/a.png', ext: '{}' };
  given()
    .when(begin({ settings, ...texts, disabled: true }))
    .then([created('o', { settings: { ...DEFAULT_SETTINGS, ...settings }, ...texts }), importStarted('i'), disabled()]);
  given()
    .when(begin({ settings: {}, disabled: false }))
    .then([created('o'), importStarted('i')]);
});

test('a disabled group is imported as any other, and is disabled in the end', () => {
  const group = [...running, disabled()];
  given(...group)
    .when(chunk(0, ['a']))
    .then([membersImported(0, 2, ...members('a'))]);
  const done = given(...group, importCompleted(0, 1));
  done.when(complete(0)).then([]);
  done.when(command('join', { userId: 'x' })).refused('GROUP_DISABLED');
});

test('importMembers bans members until the ends of elsewhere, but for bans that are over', () => {
  const entry = (userId: string, until?: number) => ({
    ...{ userId, banned: true },
    ...(until === undefined ? {} : { bannedUntil: new Date(until).toISOString() }),
  });
  given(...running)
    .when(
      command('importMembers', {
        importId: 'i',
        chunk: 0,
        members: [
          ...[entry('a', AT + 2), entry('b'), entry('c', AT), entry('d', AT + 1), entry('e', AT + 2)],
          { userId: 'f', banned: false },
        ],
      }),
    )
    .then([
      membersImported(0, 7, ...members('a', 'b', 'c', 'd', 'e', 'f')),
      banned(AT + 1, 'd'),
      banned(AT + 2, 'a', 'e'),
      banned(undefined, 'b'),
    ]);
});

test('importMembers blocks users, who are no members and take no place; the first entry of a user counts', () => {
  const send = (number: number, ...entries: { userId: string; blocked?: boolean }[]) =>
    command('importMembers', { importId: 'i', chunk: number, members: entries });
  const small = [created('o', { capacity: 2 }), importStarted('i')];
  given(...small)
    .when(send(0, { userId: 'x', blocked: true }, { userId: 'a' }, { userId: 'a', blocked: true }, { userId: 'x' }))
    .then([membersImported(0, 2, ...members('a')), blocked('x')]);
  given(...small, membersImported(0, 2, ...members('a')), blocked('x'))
    .when(send(1, { userId: 'a', blocked: true }, { userId: 'x' }, { userId: 'o', blocked: true }))
    .then([membersImported(1, 2)]);
});

test('importMembers of 500 of the longest ids, each with a ban of its own end, fits into one append', () => {
  const longest = (i: number) => `${i}`.padStart(4, '0') + '😀'.repeat(60);
  const entries = Array.from({ length: 500 }, (_, i) => {
    return { userId: longest(i), banned: true, bannedUntil: new Date(AT + 1 + i).toISOString(), joinedAt: at };
  });
  const state = stateAfter([created('o', { capacity: 1_000 }), importStarted('i')]);
  const decision = decide(command('importMembers', { importId: 'i', chunk: 0, members: entries }), state, context);
  const events = decision.ok ? decision.events : [];
  expect(events).toHaveLength(501);
  // What an event takes beside its data, such as its metadata.
  const beside = 800;
  const bytes = events.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)) + beside, 0);
  expect(bytes).toBeLessThan(1024 * 1024);
});

test('importMembers without any new member still counts its chunk', () => {
  given(...running)
    .when(chunk(0, ['o']))
    .then([membersImported(0, 1)]);
});

test('importMembers takes the next chunk only; an earlier one changes nothing', () => {
  const group = given(...running, membersImported(0, 2, ...members('a')));
  group.when(chunk(1, ['b'])).then([membersImported(1, 3, ...members('b'))]);
  group.when(chunk(0, ['b'])).then([]);
  group.when(chunk(2, ['b'])).refused('IMPORT_OUT_OF_ORDER', { expected: 1 });
});

test('importMembers refuses a chunk that is over the capacity', () => {
  given(created('o', { capacity: 2 }), importStarted('i'))
    .when(chunk(0, ['a', 'b']))
    .refused('CAPACITY_REACHED', { capacity: 2, wanted: 3 });
});

test('a service corrects the capacity of an unfinished import, which then goes on', () => {
  const small = [created('o', { capacity: 2 }), importStarted('i'), membersImported(0, 2, ...members('a'))];
  const group = given(...small);
  group.when(command('changeCapacity', { capacity: 1 })).refused('CAPACITY_REACHED', { capacity: 1, wanted: 2 });
  group.when(command('changeCapacity', { capacity: 3, actor: user('o') })).refused('GROUP_NOT_FOUND');
  group.when(command('changeCapacity', { capacity: 3 })).then([capacityChanged(3)]);
  given(...small, capacityChanged(3))
    .when(chunk(1, ['b']))
    .then([membersImported(1, 3, ...members('b'))]);
});

test('completeImport ends an import that has all its chunks; repeated, it changes nothing', () => {
  const group = [...running, membersImported(0, 2, ...members('a'))];
  given(...group)
    .when(complete(1))
    .then([importCompleted(1, 2)]);
  given(...group)
    .when(complete(2))
    .refused('IMPORT_OUT_OF_ORDER', { expected: 1 });
  given(...running)
    .when(complete(0))
    .then([importCompleted(0, 1)]);
  const done = given(...group, importCompleted(1, 2));
  done.when(complete(1)).then([]);
  done.when(chunk(0, ['z'])).then([]);
  done.when(chunk(1, ['z'])).refused('IMPORT_OUT_OF_ORDER', { expected: 1 });
});

test('an import continues only the group that it began', () => {
  for (const other of [chunk(0, ['a'], { importId: 'j' }), complete(0, { importId: 'j' })]) {
    given(...running)
      .when(other)
      .refused('IMPORT_MISMATCH');
    given(created('o'), joined('join', 2, 'a'))
      .when(other)
      .refused('IMPORT_MISMATCH');
    given().when(other).refused('GROUP_NOT_FOUND');
    given(...running, dismissed())
      .when(other)
      .refused('GROUP_DISMISSED');
  }
});

test('a user does not import', () => {
  for (const fields of [{ actor: user('o') }]) {
    given().when(begin(fields)).refused('FORBIDDEN');
    given(...running)
      .when(chunk(0, ['a'], fields))
      .refused('FORBIDDEN');
    given(...running)
      .when(complete(0, fields))
      .refused('FORBIDDEN');
  }
});

test('a group that is being imported is there for its import alone, and for a service’s dismissal, which gives it up', () => {
  const group = given(...running);
  group.when(command('join', { userId: 'x' })).refused('GROUP_NOT_FOUND');
  group.when(command('create', { name: 'A', owner: 'o' })).refused('GROUP_EXISTS');
  group.when(command('createOrJoin', { userIds: ['x'] })).refused('GROUP_EXISTS');
  for (const userId of ['o', 'x']) group.when(command('dismiss', { actor: user(userId) })).refused('GROUP_NOT_FOUND');
  group.when(command('dismiss', {})).then([dismissed()]);
  given(...running, importCompleted(0, 1))
    .when(command('join', { userId: 'x' }))
    .then([joined('join', 2, 'x')]);
});
