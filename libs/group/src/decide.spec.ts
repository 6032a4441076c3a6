import { FEATURES as DECLARED, WordList } from '@cohort/contracts';
import { created, infoChanged, joined } from '@cohort/contracts/testing';
import { FEATURES } from './decide';
import { command, given } from './testing';

const declared: Readonly<Record<string, Readonly<Record<string, object>>>> = DECLARED;

test('no two features decide a command of the same name: one would hide the other', () => {
  const names = Object.values(FEATURES).flatMap((deciders) => Object.keys(deciders));
  expect(names).toEqual([...new Set(names)]);
});

test('each feature decides the commands that its contracts declare', () => {
  const withCommands = Object.keys(declared).filter((feature) => declared[feature]?.commands !== undefined);
  expect(Object.keys(FEATURES).sort()).toEqual(withCommands.sort());
  for (const [feature, deciders] of Object.entries(FEATURES)) {
    expect(Object.keys(deciders).sort()).toEqual(Object.keys(declared[feature]?.commands ?? {}).sort());
  }
});

describe('a tenant that forbids words', () => {
  const forbidden = new WordList(['casino']);

  test.each([
    ['create', [], command('create', { name: 'My Casino', owner: 'o' })],
    ['createOrJoin of a new group', [], command('createOrJoin', { name: 'CASINO', userIds: ['o'] })],
    [
      'createOrJoin that renames',
      [created('o')],
      command('createOrJoin', { name: 'Casino', userIds: ['o'], rename: true }),
    ],
    ['changeInfo', [created('o')], command('changeInfo', { name: 'the casino' })],
  ])('refuses a name with one of them to %s, also by a service', (_what, group, one) => {
    given(...group)
      .when(one, { forbidden })
      .refused('NAME_FORBIDDEN');
  });

  test('allows other names, names that stay as they are, and every name without the setting', () => {
    const group = [created('o', { name: 'Casino' })];
    given(...group)
      .when(command('changeInfo', { name: 'Casinos' }), { forbidden })
      .then([infoChanged({ name: 'Casinos' })]);
    given(...group)
      .when(command('changeInfo', { description: 'casino' }), { forbidden })
      .then([infoChanged({ description: 'casino' })]);
    given(...group)
      .when(command('createOrJoin', { userIds: ['a'] }), { forbidden })
      .then([joined('join', 2, 'a')], [{ userId: 'a', ok: true }]);
    given(...group)
      .when(command('changeInfo', { name: 'My Casino' }))
      .then([infoChanged({ name: 'My Casino' })]);
  });
});
