import { MAX_PART_BYTES, packState, unpackPart } from './packing';
import { GROUP_STATE_VERSION, initialState } from './state';
import { created, dismissed, granted, joined } from './testing/facts';
import { stateAfter, unpackState } from './testing/given';

const many = (count: number, id: (i: number) => string) => Array.from({ length: count }, (_, i) => id(i));

test('a group is its head, then its members by columns: another form is another version', () => {
  const state = stateAfter([created('o'), joined('create', 2, 'a'), granted('a')]);
  expect({ version: GROUP_STATE_VERSION, parts: [...packState(state)] }).toEqual({
    version: 1,
    parts: [
      {
        kind: 'head',
        state: {
          status: 'live',
          name: 'Sales',
          description: '',
          avatar: '',
          ext: '',
          owner: 'o',
          numericId: '4503599627370496',
          capacity: 10,
          nextSeq: 2,
        },
      },
      { kind: 'members', ids: ['o', 'a'], roles: 'oa', seqs: [0, 1] },
    ],
  });
});

test.each([
  ['no group', initialState],
  ['a dismissed one', stateAfter([created('o'), dismissed('requested')])],
])('%s is its head alone', (_name, state) => {
  expect([...packState(state)]).toEqual([{ kind: 'head', state }]);
  expect(unpackState(packState(state))).toEqual(state);
});

test.each([
  ['short', (i: number) => `u${i}`],
  ['the longest', (i: number) => `${i}`.padStart(6, '0') + '😀'.repeat(58)],
  ['to be escaped', (i: number) => `${i}`.padStart(6, '0') + '"\\'.repeat(29)],
])('parts with %s ids are within their bound, and come back', (_name, id) => {
  const state = stateAfter([created('o'), joined('add', 20_001, ...many(20_000, id))]);
  const parts = [...packState(state)];
  for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(MAX_PART_BYTES);
  expect(unpackState(parts)).toEqual(state);
});

test('what was not packed here is refused, not guessed', () => {
  const members = { kind: 'members', ids: ['a', 'b'], roles: 'm', seqs: [1, 2] } as const;
  expect(() => unpackPart(initialState, members)).toThrow('begins with its head');
  expect(() => unpackPart(stateAfter([created('o')]), members)).toThrow('unequal length');
});
