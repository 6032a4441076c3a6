import fc from 'fast-check';
import {
  isOpenedForm,
  keyIdsIn,
  markOfText,
  maySeal,
  opened,
  openText,
  personalText,
  sealText,
  type SealedText,
} from '.';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 });
const key = { keyId: 'demo/ann#1', key: new Uint8Array(32).fill(7) };
const seal = (value: string, place = 'g1\nreason') => sealText(value, key, place) as SealedText;

test('a sealed text opens with its key alone, and as itself', () => {
  fc.assert(
    fc.property(text, bytes, bytes, (value, own, other) => {
      const sealed = sealText(value, { keyId: 'demo/ann#1', key: own }, 'place') as SealedText;
      expect(openText(sealed, own)).toBe(value);
      expect(openText(sealed, undefined)).toBe('');
      if (!Buffer.from(own).equals(other)) expect(openText(sealed, other)).toBe('');
      expect(openText({ ...sealed, keyId: 'demo/ann#2' }, own)).toBe('');
      expect(personalText([...value].length)(sealed)).toBe(true);
    }),
  );
});

test('a text has the same envelope in the same place, and another one in another place or with another key', () => {
  expect(seal('Ann')).toEqual(seal('Ann'));
  expect(markOfText(seal('Ann'))).toBe(markOfText(seal('Ann')));
  const others = [seal('Bob'), seal('Ann', 'g2\nreason'), sealText('Ann', { ...key, key: new Uint8Array(32) }, 'x')];
  const marks = [seal('Ann'), ...others].map(markOfText);
  expect(new Set(marks).size).toBe(marks.length);
});

test('an empty text is not sealed', () => {
  expect(sealText('', key, 'place')).toBe('');
});

test.each([
  ['a text over the limit', 'x'.repeat(9)],
  ['an envelope of another kind', { ...seal('Ann'), enc: 'none' }],
  ['an envelope with a further field', { ...seal('Ann'), more: 1 }],
  ['an envelope over the limit', seal('x'.repeat(80))],
  ['an envelope without a key', { enc: 'A256GCM', ct: 'AAAA' }],
  ['a number', 7],
])('%s is no stored text of at most 4 characters', (_what, value) => {
  expect(personalText(4)(value)).toBe(false);
});

test.each(['', 'A', 'AAAA', '~'.repeat(60)])('the envelope with the bytes %j is an empty text', (ct) => {
  expect(openText({ ...seal('Ann'), ct }, key.key)).toBe('');
});

test('all texts of an event are opened, and an event without one stays the same object', () => {
  const data = { userId: 'ann', reason: seal('Hi'), set: { nick: seal('A') }, members: [{ userId: 'b' }], n: 1 };
  expect([...keyIdsIn(data)]).toEqual([key.keyId]);
  const plain = { userId: 'ann', reason: 'Hi', set: { nick: 'A' }, members: [{ userId: 'b' }], n: 1 };
  expect(opened(data, new Map([[key.keyId, key.key]]))).toEqual(plain);
  expect(opened(data, new Map())).toEqual({ ...plain, reason: '', set: { nick: '' } });
  expect(opened(plain, new Map())).toBe(plain);
});

test('a value is the opened form of a stored one if it differs by texts in the places of sealed ones alone', () => {
  const stored = { userId: 'ann', reason: seal('Hi'), members: [{ userId: 'b' }] };
  const open = { userId: 'ann', reason: 'Hi', members: [{ userId: 'b' }] };
  expect(isOpenedForm(open, stored)).toBe(true);
  expect(isOpenedForm({ ...open, reason: '' }, stored)).toBe(true);
  for (const other of [
    { ...open, reason: 7 },
    { ...open, userId: 'bob' },
    { ...open, more: 1 },
    { ...open, members: [] },
    { ...open, members: { 0: { userId: 'b' } } },
    { userId: 'ann', members: [{ userId: 'b' }] },
    null,
  ])
    expect(isOpenedForm(other, stored)).toBe(false);
});

test('the JSON of a value with a sealed text shows that it may have one, in any order of its fields', () => {
  const { enc, keyId, ct } = seal('Ann');
  for (const sealed of [seal('Ann'), { ct, keyId, enc }]) {
    const value = { members: [{ userId: 'a', reason: sealed }] };
    expect([keyIdsIn(value).size, maySeal(JSON.stringify(value))]).toEqual([1, true]);
  }
  expect(maySeal(JSON.stringify({ name: '"enc":"A256GCM"', members: [{ userId: 'a' }] }))).toBe(false);
});
