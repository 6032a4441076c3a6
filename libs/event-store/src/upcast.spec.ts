import type { StoredEvent } from './types';
import { isKnown, upcast } from './upcast';

const event = (type: string, schemaVersion?: unknown): StoredEvent => ({
  stream: 'group-a/1',
  revision: 0,
  position: '1',
  id: 'id',
  type,
  data: { name: 'Sales' },
  metadata: schemaVersion === undefined ? {} : { schemaVersion },
  created: new Date(0),
});

test('an event of the newest version stays as it is', () => {
  const created = event('created', 1);
  expect(isKnown(created)).toBe(true);
  expect(upcast(created)).toBe(created);
});

test('an event without a version counts as the first', () => {
  expect(isKnown(event('created'))).toBe(true);
});

test.each([event('created', 99), event('neverHeardOf', 1), event('toString', 1)])('$type is not known', (newer) => {
  expect(isKnown(newer)).toBe(false);
  expect(upcast(newer)).toBe(newer);
});
