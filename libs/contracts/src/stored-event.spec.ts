import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { groupStream, MAX_REVISION, readStored, userBanStream, userNumberStream, userStream, type StoredForm } from '.';
import {
  created,
  infoChanged,
  joined,
  left,
  numberAssigned,
  syncCompleted,
  syncRequested,
  transferred,
} from './testing';

const at = '2026-01-01T00:00:00.000Z';
const GROUP = groupStream('demo', 'g/1');
const USER = userStream('demo', 'ann');
const BANS = userBanStream('demo', 'ann');
const NUMBER = userNumberStream('demo', 'ann');
/** The first events of their streams. */
const FIRST = ['created', 'numberAssigned'];

const stored = ({ type, data }: { type: string; data: unknown }, over: Partial<StoredForm> = {}): StoredForm => ({
  stream: GROUP,
  revision: type === 'created' ? 0 : 4,
  type,
  data,
  metadata: { at },
  ...over,
});
const kindOf = (event: StoredForm): string => readStored(event).kind;
const whyOf = (event: StoredForm): string | undefined => {
  const reading = readStored(event);
  return reading.kind === 'strange' ? reading.why : undefined;
};
const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('a usable event', () => {
  const directory = join(__dirname, '../../../test/golden/events');
  test.each(readdirSync(directory))('is every golden event: %s', (file) => {
    const event = JSON.parse(readFileSync(join(directory, file), 'utf8')) as StoredForm;
    const ofUsers = { numberAssigned: NUMBER, sync: USER, banEverywhere: BANS, unbanEverywhere: BANS };
    const stream = Object.entries(ofUsers).find(([begin]) => event.type.startsWith(begin))?.[1] ?? GROUP;
    expect(readStored({ ...event, stream, revision: FIRST.includes(event.type) ? 0 : 1 })).toMatchObject({
      kind: 'usable',
      at: Date.parse('2026-01-02T03:04:05.678Z'),
      event: { data: event.data },
    });
  });

  test.each([
    ['with metadata that has a time only', stored(left(1, 'u1'))],
    ['with an optional field that is missing', stored(infoChanged({}))],
    ['with a field that is not declared', stored({ type: 'dismissed', data: { reason: 'requested', more: [1] } })],
    ['with 500 members', stored(joined('add', 501, ...Array.from({ length: 500 }, (_, i) => `u${i}`)))],
    ['in a stream whose id has slashes and dashes', stored(left(1, 'u1'), { stream: 'group-demo/a/-/b' })],
    ['of the largest revision', stored(left(1, 'u1'), { revision: MAX_REVISION })],
    ['with ids and texts outside ASCII', stored(transferred('产品', '🚀'.repeat(64)))],
  ])('is one %s', (_what, event) => {
    expect(whyOf(event)).toBeUndefined();
    expect(kindOf(event)).toBe('usable');
  });

  test('names the group or user of its stream, and its place in its append', () => {
    const metadata = { at, batch: { index: 1, size: 3 } };
    expect(readStored(stored(left(1, 'u1'), { metadata }))).toMatchObject({
      category: 'group',
      owner: { app: 'demo', id: 'g/1' },
      place: { index: 1, size: 3 },
    });
    expect(readStored(stored(syncRequested([]), { stream: USER }))).toMatchObject({
      category: 'user',
      owner: { app: 'demo', id: 'ann' },
      place: { index: 0, size: 1 },
    });
  });
});

test("a user's number is given by the first event of its stream, and any later one is strange", () => {
  const assigned = stored(numberAssigned('4503599627370496'), { stream: NUMBER, revision: 0 });
  expect(readStored(assigned)).toMatchObject({
    kind: 'usable',
    category: 'userNumber',
    owner: { app: 'demo', id: 'ann' },
  });
  expect(whyOf({ ...assigned, revision: 1 })).toBe('only the first event of its stream counts');
});

describe('an unknown event', () => {
  test.each([
    ['of another type', stored({ type: 'frozen', data: { by: 'ann' } })],
    ['of a newer version', stored({ type: 'memberLeft', data: {} }, { metadata: { at, schemaVersion: 99 } })],
    ['of a newer version in a first place', stored({ type: 'begun', data: {} }, { revision: 0 })],
    ["of a user's type in a group's stream", stored(syncCompleted(0, '1'))],
    ["with a name of Object's own", stored({ type: 'toString', data: {} })],
  ])('is one %s', (_what, event) => {
    expect(readStored(event)).toMatchObject({ kind: 'unknown', event });
  });
});

describe('a foreign event', () => {
  test.each([
    'group-',
    'group-x',
    'group-/',
    'group-/g',
    'group-demo/',
    'group-a.b/g',
    'user-x',
    'orders-1',
    '$$group-demo/g',
  ])('is one in the stream %j', (stream) => expect(kindOf(stored(left(1, 'u1'), { stream }))).toBe('foreign'));

  test('is one in a stream whose id is too long or has control characters', () => {
    for (const id of ['x'.repeat(65), 'a\u0000b', '\ud800']) {
      expect(kindOf(stored(left(1, 'u1'), { stream: `group-demo/${id}` }))).toBe('foreign');
    }
  });
});

describe('a tombstone', () => {
  // As the client reads 2^63-1.
  const tombstone = { type: '$streamDeleted', data: new Uint8Array(), revision: Number(2n ** 63n - 1n), metadata: {} };

  test.each([
    [GROUP, 'group'],
    [USER, 'user'],
    [BANS, 'userBan'],
    [NUMBER, 'userNumber'],
  ])('erases the stream %s', (stream, category) => {
    expect(readStored({ ...tombstone, stream })).toMatchObject({ kind: 'erased', category });
  });

  test('is strange at a revision that an append can have', () => {
    expect(kindOf({ ...tombstone, stream: GROUP, revision: 3 })).toBe('strange');
  });
});

describe('a strange event', () => {
  const good = left(1, 'u1');
  test.each<[string, StoredForm, string]>([
    ...[null, 'x', '', 0, true, [], [good.data], new Uint8Array([1, 2]), Buffer.from('{}'), undefined].map(
      (data): [string, StoredForm, string] => [
        `has the data ${JSON.stringify(data)}`,
        stored({ type: 'memberLeft', data }),
        'its data is not a JSON object',
      ],
    ),
    ['has no members', stored({ type: 'memberLeft', data: { memberCount: 1 } }), 'missing or wrong field "members"'],
    ...[null, 'x', {}, [null], ['u1'], [{}], [{ userId: 1 }], [{ userId: '' }], [[]], { length: 1 }].map(
      (list): [string, StoredForm, string] => [
        `has the members ${JSON.stringify(list)}`,
        stored({ type: 'memberLeft', data: { members: list, memberCount: 1 } }),
        'missing or wrong field "members"',
      ],
    ),
    [
      'has 501 members',
      stored(joined('add', 1, ...Array.from({ length: 501 }, (_, i) => `u${i}`))),
      'missing or wrong field "members"',
    ],
    [
      'has a member with another field',
      stored({ type: 'memberLeft', data: { members: [{ userId: 'u1', more: deep(100_000) }], memberCount: 1 } }),
      'missing or wrong field "members"',
    ],
    ...[-1, 1.5, NaN, 2 ** 53, '1', null].map((memberCount): [string, StoredForm, string] => [
      `has the count ${memberCount}`,
      stored({ type: 'memberLeft', data: { ...good.data, memberCount } }),
      'missing or wrong field "memberCount"',
    ]),
    ['has a name that is too long', stored(infoChanged({ name: 'x'.repeat(513) })), 'missing or wrong field "name"'],
    ['has an optional field that is null', stored({ type: 'infoChanged', data: { ext: null } }), 'wrong field "ext"'],
    ['is too deep', stored({ type: 'dismissed', data: { reason: 'x', more: deep(100_000) } }), 'too deep'],
    ['is unknown and too deep', stored({ type: 'frozen', data: { more: deep(100_000) } }), 'too deep'],
    ['is unknown and too large', stored({ type: 'frozen', data: { more: 'x'.repeat(300_000) } }), 'too large'],
    ['has a type of the event store', stored({ type: '$>', data: {} }), 'one of the event store'],
    ['is metadata', stored({ type: '$metadata', data: { $tb: 3 } }), 'one of the event store'],
    ['has a type with control characters', stored({ type: 'a\nb', data: {} }), 'its type'],
    ['has a negative revision', stored(good, { revision: -1 }), 'its revision'],
    ['has a revision beyond the largest', stored(good, { revision: MAX_REVISION + 1 }), 'its revision'],
    ['has a fractional revision', stored(good, { revision: 1.5 }), 'its revision'],
    ['has the revision of a tombstone', stored(good, { revision: Number(2n ** 63n - 1n) }), 'its revision'],
    ['creates a group a second time', stored(created('u1'), { revision: 3 }), 'not the first event'],
    ['is first and does not create the group', stored(good, { revision: 0 }), 'a group begins with "created"'],
    ['has no metadata', stored(good, { metadata: {} }), 'no time'],
    ...[
      { at: 'yesterday' },
      { at: 0 },
      { at: null },
      { at: '+275760-09-13T00:00:00.000Z' },
      { at: '1969-12-31T23:59:59.999Z' },
      { at: '2026-13-01T00:00:00.000Z' },
      { at: '2026-01-01' },
      { app: 'other' },
      { schemaVersion: '1' },
      { schemaVersion: 0 },
      { schemaVersion: -1 },
      { schemaVersion: 1.5 },
      { schemaVersion: {} },
      { batch: null },
      { batch: 'x' },
      { batch: { index: 0 } },
      { batch: { index: 3, size: 3 } },
      { batch: { index: -1, size: 3 } },
      { batch: { index: 0, size: 1e9 } },
      { actor: 'service' },
      { actor: { type: 'user' } },
      { actor: { type: 'service', onBehalfOf: 1 } },
      { commandId: 7 },
      { commandId: 'x'.repeat(129) },
      { commandHash: {} },
      { traceparent: 'x'.repeat(100_000) },
      { refused: [null] },
      { refused: {} },
      { refused: [{ fileId: 1, code: 'FILE_NOT_FOUND' }] },
      { made: 1 },
      { made: '' },
      { notice: 'x' },
      { notice: { vendor: 'v' } },
    ].map((over): [string, StoredForm, string] => [
      `has the metadata ${JSON.stringify(over).slice(0, 60)}`,
      stored(good, { metadata: { at, ...over } }),
      'metadata',
    ]),
    ['asks for a sync without groups', stored({ type: 'syncRequested', data: {} }, { stream: USER }), '"groups"'],
    [
      'asks for a sync of a group without a name',
      stored({ type: 'syncRequested', data: { groups: [{ groupId: 'g' }] } }, { stream: USER }),
      '"groups"',
    ],
    ['completes a sync at no position', stored(syncCompleted(1, 'x'), { stream: USER }), '"position"'],
  ])('is one that %s', (_what, event, why) => {
    expect(whyOf(event)).toContain(why);
  });

  test('never makes the reading throw, whatever is stored', () => {
    const anything = fc.anything({ withNullPrototype: true, withBigInt: false });
    const metadata = fc.dictionary(
      fc.constantFrom('at', 'app', 'batch', 'actor', 'schemaVersion', 'refused', '__proto__'),
      fc.oneof(anything, fc.constant(at)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(GROUP, USER, 'group-x'),
        fc.oneof(fc.double(), fc.nat()),
        fc.oneof(fc.string(), fc.constantFrom('created', 'memberJoined', 'infoChanged', 'syncRequested', '$>')),
        anything,
        metadata,
        (stream, revision, type, data, meta) => {
          expect(() => readStored({ stream, revision, type, data, metadata: meta })).not.toThrow();
        },
      ),
    );
  });
});
