import { codePoints, isLine, isText, shortened } from './texts';

it.each([
  ['a name', '销售 & "Sales" 😀'],
  ['marks of writing direction', '\u202eabc\u202c \u2067עברית\u2069 \u200f'],
  ['joiners and variation selectors', '👨‍👩‍👧 ❤️ क्‍ष'],
  ['two forms of one character', 'é e\u0301'],
])('%s may be in a text of any kind', (_, text) => {
  expect(isLine(text, 100)).toBe(true);
  expect(isText(text, 100)).toBe(true);
});

it.each(['\t', '\n', '\r', '\u2028', '\u2029'])('%j is in texts of several lines only', (character) => {
  expect(isLine(`a${character}b`, 100)).toBe(false);
  expect(isText(`a${character}b`, 100)).toBe(true);
});

it.each(['\u0000', '\u0007', '\u000b', '\u001b', '\u001f', '\u007f', '\u0080', '\u0085', '\u009f', '\ud800', '\udc00'])(
  '%j is in no text',
  (character) => {
    expect(isLine(`a${character}b`, 100)).toBe(false);
    expect(isText(`a${character}b`, 100)).toBe(false);
  },
);

it('lengths are counted in code points, and both ends belong to the range', () => {
  for (const character of ['a', '销', '😀']) {
    for (const is of [isLine, isText]) {
      const accepted = [0, 1, 2, 3, 4, 5, 6, 7].filter((length) => is(character.repeat(length), 5, 2));
      expect(accepted).toEqual([2, 3, 4, 5]);
    }
  }
  expect(codePoints('a销😀')).toBe(3);
});

it.each([[undefined], [null], [5], [['a']], [{ length: 3 }], [new String('abc')]])('%p is no text', (value) => {
  expect(isLine(value, 100)).toBe(false);
  expect(isText(value, 100)).toBe(false);
});

it('a text far over its limit costs no more than its length is known for', () => {
  const huge = '😀'.repeat(500_000);
  const started = performance.now();
  for (let i = 0; i < 10_000; i++) isLine(huge, 256);
  expect(performance.now() - started).toBeLessThan(500);
});

it('a shortened text never ends with half of a surrogate pair', () => {
  expect([shortened('a👩b', 2), shortened('a👩b', 3), shortened('a👩b', 4)]).toEqual(['a…', 'a👩…', 'a👩b']);
});
