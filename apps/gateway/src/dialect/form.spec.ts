import { setImmediate as turn } from 'node:timers/promises';
import { parseForm, parseQuery } from './form';

const tooMany = {
  items: (name: string, count: number, max: number) => new Error(`${name} ${count} ${max}`),
  fields: (max: number) => new Error(`more than ${max}`),
};
const limits = { maxBytes: 10_000_000, maxFields: 10, lists: { userId: 4, group: 3 } };
const pairsOf = async (body: string | Buffer, more = {}) => [
  ...(await parseForm(Buffer.from(body), { ...limits, ...more }, tooMany, turn)),
];
const refusal = (body: string | Buffer, more = {}) =>
  pairsOf(body, more).then(
    (pairs) => pairs,
    (error: Error) => error.message,
  );

describe('a form', () => {
  test.each([
    '',
    'a=1&a=2&b=3',
    'a=b=c&=x&y&&z=',
    'group[g1]=two+words&group%5Bg2%5D=a%26b%3Dc',
    'a=%E9%94%80%F0%9F%91%A9&%E9%94%80=x',
    'a=销&b=👩',
    'a=%41%2b%25%00',
    '__proto__=a&toString=b&constructor=c',
    'a=\u{feff}b',
    'a=\u{fffd}&b=%EF%BF%BD',
  ])('%j is read as URLSearchParams reads it', async (body) => {
    expect(await pairsOf(body)).toEqual([...new URLSearchParams(body)]);
  });

  test('all values of a name are found in their order', async () => {
    const form = await parseForm(Buffer.from('a=1&b=2&a=3'), limits, tooMany, turn);
    expect([form.getAll('a'), form.getAll('b'), form.getAll('toString')]).toEqual([['1', '3'], ['2'], []]);
  });

  test.each([
    ['bytes of another charset, percent-encoded', 'a=1&groupId=x%B2%BF', 'groupId is not UTF-8'],
    ['the same bytes, not encoded', Buffer.from('groupId=x\xb2\xbf', 'latin1'), 'groupId is not UTF-8'],
    ['one byte of a character', 'groupId=%E9%94', 'groupId is not UTF-8'],
    ['a surrogate', 'groupId=%ED%A0%80', 'groupId is not UTF-8'],
    ['an overlong form', 'groupId=%C0%AF', 'groupId is not UTF-8'],
    ['bytes in a name', 'group[x%B2%BF]=n', 'the name of the field group[x%B2%BF] is not UTF-8'],
    ['bytes in a field that nobody reads', 'other=%ff&groupId=g', 'other is not UTF-8'],
    ['no digits after a %', 'groupId=%zz', 'groupId has a % without two hexadecimal digits after it'],
    ['one digit after a %', 'groupId=%4', 'groupId has a % without two hexadecimal digits after it'],
    ['a % at the end', 'a%=1', 'the name of the field a% has a % without two hexadecimal digits after it'],
    ['a % before the next field', 'a=%&41=x', 'a has a % without two hexadecimal digits after it'],
  ])('%s is refused', async (_what, body, message) => {
    expect(await refusal(body)).toBe(message);
  });

  test('a character of which one part is percent-encoded is one character', async () => {
    expect(await pairsOf(Buffer.from('a=\xe9%94\x80', 'latin1'))).toEqual([['a', '销']]);
  });

  test('an error shows the start of a long name', async () => {
    expect(await refusal(`${'x'.repeat(1_000_000)}=%ff`)).toBe(`${'x'.repeat(64)} is not UTF-8`);
  });

  test.each([
    ['a list', 'userId=%ff&'.repeat(11), 'userId 11 4'],
    ['a map', 'a=1&'.repeat(7) + 'group[a]=%ff&group%5Bb%5D=&group=&group[c]=', 'group 4 3'],
    ['fields that are no list', 'a=%ff&'.repeat(11), 'more than 10'],
    ['separators', '&'.repeat(1_000_000), 'more than 10'],
  ])('too many fields are refused before any of them is read (%s)', async (_what, body, message) => {
    expect(await refusal(body)).toBe(message);
  });

  test('others have their turn while a large form is read', async () => {
    let turns = 0;
    let reading = true;
    const count = () => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const many = 'userId=u&'.repeat(890_000);
    await pairsOf(many, { maxFields: 1_000_000 });
    reading = false;
    expect(turns).toBeGreaterThanOrEqual(Math.floor(many.length / (256 * 1024)));
  });
});

describe('a query string', () => {
  test('bytes are read as UTF-8, encoded or not', () => {
    const raw = Buffer.from('a=销&b=%E9%94%80', 'utf8').toString('latin1');
    expect([...parseQuery(raw)]).toEqual([
      ['a', '销'],
      ['b', '销'],
    ]);
    expect([...parseQuery('')]).toEqual([]);
  });

  test.each([
    ['limit=%ff', 'limit is not UTF-8'],
    ['a=\xff', 'a is not UTF-8'],
    ['limit=%', 'limit has a % without two hexadecimal digits after it'],
    ['a&'.repeat(256), 'the query string has more than 256 fields'],
  ])('%j is refused', (search, message) => {
    expect(() => parseQuery(search)).toThrow(message);
  });
});
