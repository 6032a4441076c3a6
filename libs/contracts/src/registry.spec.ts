import {
  COMMANDS,
  FEATURES,
  GROUP_EVENTS,
  isKnown,
  NOTIFICATIONS,
  QUERIES,
  upcast,
  USER_BAN_EVENTS,
  USER_EVENTS,
  USER_NUMBER_EVENTS,
} from './registry';

type Feature = Readonly<Record<string, Readonly<Record<string, object>> | undefined>>;
const features: readonly Feature[] = Object.values(FEATURES);
const declared = (...kinds: readonly string[]): string[] =>
  features.flatMap((feature) => kinds.flatMap((kind) => Object.keys(feature[kind] ?? {}))).sort();

// A spread hides a second declaration of the same name: the first one would be gone, without an error.
test.each([
  [['commands', 'userCommands', 'userBanCommands', 'tenantCommands'], COMMANDS],
  [['queries'], QUERIES],
  [['events'], GROUP_EVENTS],
  [['userEvents'], USER_EVENTS],
  [['userBanEvents'], USER_BAN_EVENTS],
  [['userNumberEvents'], USER_NUMBER_EVENTS],
  [['notifications'], NOTIFICATIONS],
])('every name of %j is declared by one feature and is in the registry', (kinds, registry) => {
  const names = declared(...kinds);
  expect(names).toEqual([...new Set(names)]);
  expect(Object.keys(registry).sort()).toEqual(names);
});

test('no two kinds of streams have events of the same name', () => {
  const names = [GROUP_EVENTS, USER_EVENTS, USER_BAN_EVENTS, USER_NUMBER_EVENTS].flatMap((events) =>
    Object.keys(events),
  );
  expect(names).toEqual([...new Set(names)]);
});

test('a feature declares nothing of a kind that the registry does not read', () => {
  const kinds = new Set(features.flatMap((feature) => Object.keys(feature)));
  const known = [
    ...['commands', 'userCommands', 'userBanCommands', 'tenantCommands', 'queries', 'notifications'],
    ...['events', 'userEvents', 'userBanEvents', 'userNumberEvents'],
  ];
  expect([...kinds].filter((kind) => !known.includes(kind))).toEqual([]);
});

test('an event of this build is known and stays as it is; one of a newer build is neither known nor changed', () => {
  const created = {
    type: 'created',
    data: { name: 'Sales' },
    metadata: { schemaVersion: GROUP_EVENTS.created.version },
  };
  expect(isKnown(created)).toBe(true);
  expect(upcast(created)).toBe(created);
  const newer = { ...created, metadata: { schemaVersion: GROUP_EVENTS.created.version + 1 } };
  expect(isKnown(newer)).toBe(false);
  expect(upcast(newer)).toBe(newer);
});
