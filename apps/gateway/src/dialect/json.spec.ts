import { CohortError } from '@cohort/contracts';
import { parseJsonList, parseJsonObject } from './json';

const read = (body: string | Buffer, maxFields = 100) => parseJsonObject(Buffer.from(body), { maxFields });
const refusal = (body: string | Buffer, maxFields?: number) => {
  try {
    return read(body, maxFields);
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  '{}',
  ' {\t"a" :\r\n1 , "b":[ ] , "c":[1,"2",[true,false,null]],"d":{"e":{}} } ',
  '{"a":-0.5,"b":1e3,"c":1.25E-2,"d":-1,"e":9007199254740991,"f":5.0}',
  String.raw`{"a\"\\":"\u9500\n\/\ud83d\udc69","b":"\\\\\"","":"销👩"}`,
])('%s is read as JSON.parse reads it', (body) => {
  expect(read(body)).toEqual(JSON.parse(body));
});

test.each([
  '',
  '[]',
  '7',
  'null',
  '"a"',
  '{"name":',
  '{',
  '{"a"',
  '{"a":}',
  '{"a":1,}',
  '{,}',
  '{a:1}',
  "{'a':1}",
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":5.}',
  '{"a":NaN}',
  '{"a":0x10}',
  '{"a":1 2}',
  '{"a":[1,]}',
  '{"a":[1}',
  '{"a":"\n"}',
  '{"a":"\\x"}',
  '{"a":"\\',
  '{"a":1}}',
  '{"a":1}{}',
  '{"a":tru}',
  '\u{feff}{}',
  '{"a":1}//',
])('%j is no JSON object', (body) => {
  expect(refusal(body)).toBe('the body must be one JSON object');
});

test('names of Object are names like any other, and a missing one is undefined', () => {
  const body = read('{"__proto__":{"a":1},"toString":2,"constructor":3}');
  const names = ['__proto__', 'toString', 'constructor', 'hasOwnProperty'];
  expect(names.map((name) => body[name])).toEqual([{ a: 1 }, 2, 3, undefined]);
});

test.each([
  ['a name that is given twice', '{"a":1,"a":1}', 'a is given twice'],
  ['a name that is given twice, once escaped', String.raw`{"a":1,"\u0061":1}`, 'a is given twice'],
  ['a name within a field that is given twice', '{"x":{"a":1,"a":1}}', 'a is given twice'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', '__proto__ is given twice'],
  ['half of a pair of surrogates', String.raw`{"a":"x","id":"\ud800"}`, 'id is not UTF-8'],
  ['half of a pair in a name', String.raw`{"\udc00":1}`, 'the body is not UTF-8'],
  ['bytes of another charset', Buffer.from('{"a":"x","id":"\xb2\xbf"}', 'latin1'), 'id is not UTF-8'],
  ['bytes in a list', Buffer.from('{"ids":["a",["\xff"]]}', 'latin1'), 'ids is not UTF-8'],
  ['bytes in a name', Buffer.from('{"a\xff":1}', 'latin1'), 'the body is not UTF-8'],
  ['bytes outside of texts', Buffer.from('{}\xff', 'latin1'), 'the body must be one JSON object'],
  ['nine levels', `{"a":${'['.repeat(8)}${']'.repeat(8)}}`, 'a is nested deeper than 8 levels'],
  ['a hundred thousand levels', `{"a":${'['.repeat(100_000)}`, 'a is nested deeper than 8 levels'],
  ['a number of 21 digits', `{"a":${'9'.repeat(21)}}`, 'a has a number that is too large'],
  ['a number of a million digits', `{"a":${'9'.repeat(1_000_000)}}`, 'a has a number that is too large'],
  ['a number that is rounded', '{"a":9007199254740993.0}', 'a has a number that is too large'],
  ['a number beyond all', '{"a":1e999}', 'a has a number that is too large'],
])('%s is refused', (_what, body, message) => {
  expect(refusal(body)).toBe(message);
});

test('whole numbers beyond 2^53 are exact', () => {
  expect(read('{"a":9007199254740993,"b":-9223372036854775808}')).toEqual({
    a: 9007199254740993n,
    b: -9223372036854775808n,
  });
});

test('eight levels are read', () => {
  expect(read(`{"a":${'['.repeat(7)}${']'.repeat(7)}}`)).toEqual({ a: [[[[[[[]]]]]]] });
});

test('too many values are refused, in objects and lists', () => {
  expect(refusal('{"a":[1,2],"b":3}', 4)).toEqual({ a: [1, 2], b: 3 });
  expect(refusal('{"a":[1,2],"b":3}', 3)).toBe('the body has more than 3 values');
});

test('a text of many quotes and backslashes is read in one pass', () => {
  const text = `${'\\"'.repeat(200_000)}${'\\'.repeat(200_000)}`;
  expect(read(JSON.stringify({ a: text }))).toEqual({ a: text });
});

describe('a body that must be a list', () => {
  const list = (body: string | Buffer, maxFields = 100) => {
    try {
      return parseJsonList(Buffer.from(body), { maxFields });
    } catch (error) {
      return (error as CohortError).message;
    }
  };

  test.each(['[]', ' [ ]\n', '["a",1,null,true,{"b":[2]}]'])('%s is read as JSON.parse reads it', (body) => {
    expect(list(body)).toEqual(JSON.parse(body));
  });

  test.each(['', '{}', '"a"', '[1', '[1,]', '[1]]', '[1],"a":2', '["\\x"]'])('%j is no JSON list', (body) => {
    expect(list(body)).toBe('the body must be one JSON list');
  });

  test('the bounds and the encoding of a list are those of an object', () => {
    expect(list('[1,2,3]', 2)).toBe('the body has more than 2 values');
    expect(list(Buffer.from('["\xb2"]', 'latin1'))).toBe('the body is not UTF-8');
  });
});
