import { event, isKnownAmong, upcastAmong, type VersionedEvent } from './event';
import { textUpTo } from './shape';

/** A type with three versions: text, then an object, then an object with a default. */
const types = {
  renamed: event<{ name: string; by: string }>(
    { name: textUpTo(9), by: textUpTo(9) },
    (data) => ({ name: data }),
    (data) => ({ ...(data as object), by: 'unknown' }),
  ),
  ended: event<object>({}),
};
const stored = (type: string, data: unknown, schemaVersion?: unknown): VersionedEvent => ({
  type,
  data,
  metadata: { at: 'then', ...(schemaVersion === undefined ? {} : { schemaVersion }) },
});

test.each([
  ['the first version passes all upcasters', stored('renamed', 'Sales', 1), { name: 'Sales', by: 'unknown' }],
  ['an event without a version counts as the first', stored('renamed', 'Sales'), { name: 'Sales', by: 'unknown' }],
  ['the second version passes the rest', stored('renamed', { name: 'Sales' }, 2), { name: 'Sales', by: 'unknown' }],
  ['the newest version stays', stored('renamed', { name: 'Sales', by: 'ann' }, 3), { name: 'Sales', by: 'ann' }],
])('upcast: %s', (_name, older, data) => {
  expect(isKnownAmong(types, older)).toBe(true);
  const newest = upcastAmong(types, older);
  expect(newest.data).toEqual(data);
  expect({ ...older.metadata, ...newest.metadata }).toEqual(newest.metadata);
  expect(newest.metadata.schemaVersion).toBe(3);
});

test('upcast returns the very event if nothing is to be done', () => {
  const newest = stored('renamed', { name: 'Sales', by: 'ann' }, 3);
  expect(upcastAmong(types, newest)).toBe(newest);
  const single = stored('ended', {});
  expect(upcastAmong(types, single)).toBe(single);
});

test.each([stored('renamed', 'Sales', 4), stored('neverDeclared', {}, 1), stored('toString', {}, 1)])(
  'an event that is not known stays as it is: $type $metadata.schemaVersion',
  (newer) => {
    expect(isKnownAmong(types, newer)).toBe(false);
    expect(upcastAmong(types, newer)).toBe(newer);
  },
);
