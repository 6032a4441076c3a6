import { DEFAULT_SETTINGS } from '@cohort/contracts';
import { adminGranted, created, dismissed, joined, left } from '@cohort/contracts/testing';
import { fromForm1, FORM_1_VERSIONS, type Form1Part } from './packing-form-1';
import { MAX_PART_BYTES, packing, packingOf, type PackedPart } from './packing';
import { initialState, noGroup, SLICES, type GroupState } from './state';
import type { Slice } from './state/slice';
import { packed, stateAfter, unpackState } from './testing/given';

const many = (count: number, id: (i: number) => string) => Array.from({ length: count }, (_, i) => id(i));
const sales = stateAfter([created('o'), joined('create', 2, 'a'), adminGranted('a')]);

test('a packed group is its slices by name, members by columns: another form of a slice is another version', () => {
  expect({ versions: packing.versions, parts: packed(sales) }).toEqual({
    versions: {
      info: 1,
      lifecycle: 1,
      membership: 1,
      roles: 1,
      settings: 1,
      bans: 1,
      blocks: 1,
      announcements: 1,
      files: 1,
      memberProfile: 1,
      imports: 1,
      applications: 1,
      invitations: 1,
      joinKeys: 1,
      attributes: 1,
    },
    parts: [
      {
        kind: 'slices',
        status: 'live',
        parts: [
          ['info', { name: 'Sales', description: '', avatar: '', ext: '', numericId: '4503599627370496' }],
          ['lifecycle', { disabled: false }],
          ['membership', { capacity: 10, nextSeq: 2 }],
          ['membership', { ids: ['o', 'a'], seqs: [0, 1] }],
          ['roles', { owner: 'o' }],
          ['roles', { admins: ['a'] }],
          ['settings', DEFAULT_SETTINGS],
        ],
      },
    ],
  });
});

test.each<[string, GroupState]>([
  ['no group', initialState],
  ['a dismissed group', stateAfter([created('o'), dismissed('requested')])],
])('%s is packed as its status alone', (_name, state) => {
  expect(packed(state)).toEqual([{ kind: 'slices', status: state.status, parts: [] }]);
  expect(unpackState(packed(state))).toEqual(state);
});

test.each([
  ['short', (i: number) => `u${i}`],
  ['the longest', (i: number) => `${i}`.padStart(6, '0') + '😀'.repeat(58)],
  ['escaped', (i: number) => `${i}`.padStart(6, '0') + '"\\'.repeat(29)],
])('parts of a large group with %s ids are within their bound, and give the group again', (_name, id) => {
  const userIds = many(20_000, id);
  const state = stateAfter([created('o'), joined('add', 20_001, ...userIds), adminGranted(...userIds)]);
  const parts = [...packing.pack(state)];
  for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(MAX_PART_BYTES);
  expect(unpackState(packed(state))).toEqual(state);
});

test('a part that was not packed here is refused, not guessed', () => {
  const withParts = (...parts: PackedPart['parts']): PackedPart => ({ kind: 'slices', status: 'live', parts });
  const unequal = withParts(['membership', { ids: ['a', 'b'], seqs: [1] }]);
  expect(() => packing.unpackPart(sales, unequal)).toThrow('columns of unequal length');
  expect(() => packing.unpackPart(sales, withParts(['weather', {}]))).toThrow('unknown slice weather');
});

describe('versions of slices', () => {
  /** As a later build may have one. */
  const pins: Slice<readonly string[], readonly string[]> = {
    version: 1,
    initial: [],
    evolve: {},
    pack: (state) => [state],
    unpack: (_state, part) => part,
    weigh: () => 0,
  };
  const later = packingOf({ ...SLICES, pins });
  const { versions } = packing;

  test('a group that was packed before a slice existed can be unpacked, with the slice as its initial state', () => {
    expect(later.canUnpack(versions)).toBe(true);
    let unpacked: Parameters<typeof later.unpackPart>[0] = noGroup;
    for (const part of packed(sales)) unpacked = later.unpackPart(unpacked, part);
    expect(unpacked).toEqual({ ...sales, pins: [] });
  });

  test('a group that was packed with a slice which this build does not know can not be unpacked', () => {
    expect(packing.canUnpack(later.versions)).toBe(false);
  });

  test('a group that was packed with another version of a slice can not be unpacked', () => {
    expect(packing.canUnpack({ ...versions, roles: 2 })).toBe(false);
    const roles = { ...SLICES.roles, version: 2 };
    expect(packingOf({ ...SLICES, roles }).canUnpack(versions)).toBe(false);
    expect(packingOf({ ...SLICES, roles }).canUnpack({ ...versions, roles: 2 })).toBe(true);
  });

  test('the name of a property that every object has is no slice', () => {
    expect(packing.canUnpack({ ...versions, constructor: 1 })).toBe(false);
  });
});

describe('the first packed form, with one version for the whole state', () => {
  const head: Form1Part = {
    kind: 'head',
    state: {
      status: 'live',
      name: 'Sales',
      description: 'All of it',
      avatar: 'https://example.org/a.png',
      ext: '{}',
      owner: 'o',
      numericId: '4711',
      capacity: 10,
      nextSeq: 7,
    },
  };
  const unpack = (...parts: readonly Form1Part[]) => unpackState(parts.map(fromForm1));

  test("its single version means version 1 of each of that time's slices", () => {
    expect(FORM_1_VERSIONS).toEqual({ info: 1, membership: 1, roles: 1 });
    expect(packing.canUnpack(FORM_1_VERSIONS)).toBe(true);
  });

  test('its head and its columns of members are read exactly', () => {
    const state = unpack(
      head,
      { kind: 'members', ids: ['o', 'b', 'c'], roles: 'oam', seqs: [0, 5, 3] },
      { kind: 'members', ids: ['d'], roles: 'a', seqs: [6] },
    );
    const expected = stateAfter([
      created('o', { name: 'Sales', numericId: '4711' }),
      { type: 'infoChanged', data: { description: 'All of it', avatar: 'https://example.org/a.png', ext: '{}' } },
      joined('add', 7, 'x', 'y', 'c', 'z', 'b', 'd'),
      left(4, 'x', 'y', 'z'),
      adminGranted('b', 'd'),
    ]);
    expect(state).toEqual(expected);
  });

  test.each(['none', 'dismissed'] as const)('its head of a group that is %s is read', (status) => {
    expect(unpack({ kind: 'head', state: { status } })).toEqual({ status });
  });

  test('columns of unequal length are refused', () => {
    const ids = ['a', 'b'];
    expect(() => unpack(head, { kind: 'members', ids, roles: 'm', seqs: [1, 2] })).toThrow('unequal length');
    expect(() => unpack(head, { kind: 'members', ids, roles: 'mm', seqs: [1] })).toThrow('unequal length');
  });
});
