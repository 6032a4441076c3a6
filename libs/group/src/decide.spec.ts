import { FEATURES as DECLARED } from '@cohort/contracts';
import { FEATURES } from './decide';

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
