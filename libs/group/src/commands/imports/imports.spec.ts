import {
  created,
  dismissed,
  importCompleted,
  importStarted,
  joined,
  membersImported,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

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

test('a group that is being imported is there for its import alone, and for a dismissal, which gives it up', () => {
  const group = given(...running);
  group.when(command('join', { userId: 'x' })).refused('GROUP_NOT_FOUND');
  group.when(command('create', { name: 'A', owner: 'o' })).refused('GROUP_EXISTS');
  group.when(command('createOrJoin', { userIds: ['x'] })).refused('GROUP_EXISTS');
  group.when(command('dismiss', {})).then([dismissed()]);
  given(...running, importCompleted(0, 1))
    .when(command('join', { userId: 'x' }))
    .then([joined('join', 2, 'x')]);
});
