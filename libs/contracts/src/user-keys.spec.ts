import { KEY_MADE, keyChange, keyIdOf, KEYS_ERASED, parseKeyId } from '.';

const owner = { app: 'demo', id: 'a/b#2' };
const stream = 'userKey-demo/a/b#2';
const key = Buffer.alloc(32, 5);
const made = { stream, revision: 2, type: KEY_MADE, data: { key: key.toString('base64url') } };

test('a key is known by its owner and its number in the stream, counted from 1', () => {
  expect(keyChange(made)).toEqual({ kind: 'made', owner, number: 3, key });
  expect(keyIdOf(owner, 3)).toBe('demo/a/b#2#3');
  expect(parseKeyId('demo/a/b#2#3')).toEqual({ owner, number: 3 });
});

test("the tenant's own key has an empty user", () => {
  expect(keyChange({ ...made, stream: 'userKey-demo/' })).toMatchObject({ owner: { app: 'demo', id: '' } });
  expect(parseKeyId('demo/#1')).toEqual({ owner: { app: 'demo', id: '' }, number: 1 });
});

test('the mark of an erasure, a limit, a deletion and a tombstone end the keys before them', () => {
  const gone = (upTo: number) => ({ kind: 'gone', owner, upTo });
  const metadata = { stream: `$$${stream}`, revision: 0, type: '$metadata' };
  expect(keyChange({ ...made, type: KEYS_ERASED, data: {} })).toEqual(gone(2));
  expect(keyChange({ ...metadata, data: { $tb: 4 } })).toEqual(gone(4));
  expect(keyChange({ ...metadata, data: { $tb: Number(2n ** 63n - 1n) } })).toEqual(gone(Number.MAX_SAFE_INTEGER));
  expect(keyChange({ ...made, revision: 2 ** 63, type: '$streamDeleted', data: {} })).toEqual(
    gone(Number.MAX_SAFE_INTEGER),
  );
});

test.each([
  { ...made, stream: 'user-demo/ann' },
  { ...made, stream: 'userKey-/ann' },
  { ...made, stream: 'userKey-demo' },
  { ...made, type: 'other' },
  { ...made, data: { key: 'short' } },
  { ...made, data: null },
  { ...made, stream: '$$user-demo/ann', data: { $tb: 1 } },
  { ...made, stream: `$$${stream}`, data: { $maxCount: 1 } },
  { ...made, stream: `$$${stream}`, data: { $tb: 'x' } },
])('%j changes no key', (event) => {
  expect(keyChange(event)).toBeUndefined();
});

test.each(['', 'demo', 'demo/ann', 'demo/ann#', 'demo/ann#0', 'demo/ann#x', '/ann#1', 'demo/a\nb#1'])(
  '%j is no id of a key',
  (keyId) => {
    expect(parseKeyId(keyId)).toBeUndefined();
  },
);
