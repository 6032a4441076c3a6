import { Form } from '../../dialect/form';
import { LanyingError } from './errors';
import {
  bool,
  body,
  durationMs,
  group,
  lines,
  number,
  ordinal,
  page,
  query,
  text,
  users,
  whole,
  type LanyingCall,
} from './fields';

const call = (fields: object, search: Readonly<Record<string, string>> = {}): LanyingCall => {
  const form = new Form();
  for (const [name, value] of Object.entries(search)) form.append(name, value);
  return { body: fields, query: form } as unknown as LanyingCall;
};

const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    if (error instanceof LanyingError) return `${error.code} ${error.message}`;
    throw error;
  }
};
const inBody = (field: { read: (call: LanyingCall, name: string) => unknown }, value: unknown): unknown =>
  outcome(() => field.read(call(value === undefined ? {} : { x: value }), 'x'));

test.each<[unknown, unknown]>([
  [20, '20'],
  ['20', '20'],
  [9_223_372_036_854_775_807n, '9223372036854775807'],
  [undefined, '10002 x is required'],
  [null, '10002 x is required'],
  [-1, '10002 x must be a number'],
  ['x', '10002 x must be a number'],
  [true, '10002 x must be a number'],
  [[20], '10002 x must be a number'],
])('a number that is %p is read as %p', (value, expected) => {
  for (const kind of [number, group]) expect(inBody(body.required(kind), value)).toBe(expected);
});

test.each<[unknown, unknown]>([
  [1, '1'],
  ['999999999999998', '999999999999998'],
  [0, '999999999999999'],
  ['1000000000000000', '999999999999999'],
  [9_223_372_036_854_775_807n, '999999999999999'],
  [-1, '10002 x must be a number'],
  [9_223_372_036_854_775_808n, '10002 x must be a number'],
])('the number %p of an announcement or a file is read as %p', (value, expected) => {
  expect(inBody(body.required(ordinal), value)).toBe(expected);
});

test.each<[unknown, unknown]>([
  [
    [20, '20', 21n],
    ['20', '21'],
  ],
  [[], '10002 x is required'],
  [[20, 'x'], '10002 x must be a list of numbers'],
  [20, '10002 x must be a list of numbers'],
  [{ 0: 20 }, '10002 x must be a list of numbers'],
  [[1, 2, 3, 4], '10002 x has 4 entries, at most 3 are allowed'],
])('users that are %p are read as %p', (value, expected) => {
  expect(inBody(body.required(users(3)), value)).toEqual(expected);
});

test.each<[unknown, unknown]>([
  ['', ''],
  ['👍👍👍', '👍👍👍'],
  ['abcd', '10002 x is longer than 3 characters'],
  ['👍👍👍👍', '10002 x is longer than 3 characters'],
  [7, '10002 x must be a text'],
  [null, undefined],
])('a text of at most 3 characters that is %p is read as %p', (value, expected) => {
  expect(inBody(body.optional(text(3)), value)).toBe(expected);
});

test.each<[string, boolean]>([
  ['a\tb', true],
  ['a\nb', true],
  ['a\u0000b', false],
  ['a\ud800b', false],
])('the text %j is no line, and is a text of several lines: %p', (value, isText) => {
  expect(inBody(body.required(text(3)), value)).toBe('10002 x must be one line without control characters');
  const refused = '10002 x must not contain control characters but line breaks and tabs';
  expect(inBody(body.required(lines(3)), value)).toBe(isText ? value : refused);
});

test('a text may have to be there', () => {
  expect(inBody(body.required(text(3, 1)), '')).toBe('10002 x is required');
});

test.each<[unknown, unknown]>([
  [true, true],
  [false, false],
  [0, '10002 x must be true or false'],
  ['true', '10002 x must be true or false'],
])('a flag that is %p is read as %p', (value, expected) => {
  expect(inBody(body.required(bool), value)).toBe(expected);
});

test.each<[unknown, unknown]>([
  [0, 0],
  ['2', 2],
  [3, '10002 x must be a number from 0 to 2'],
  [1.5, '10002 x must be a number from 0 to 2'],
])('a number from 0 to 2 that is %p is read as %p', (value, expected) => {
  expect(inBody(body.required(whole(0, 2)), value)).toBe(expected);
});

test.each<[unknown, unknown]>([
  [undefined, undefined],
  [null, undefined],
  [-1, undefined],
  [1, 60_000],
  ['43200', 2_592_000_000],
  [0, '10002 x must be a number of minutes, or -1'],
  [-2, '10002 x must be a number of minutes, or -1'],
  [1.5, '10002 x must be a number of minutes, or -1'],
  [2_147_483_647, 128_849_018_820_000],
  [2_147_483_648, '10002 x must be a number of minutes, or -1'],
])('a duration of %p minutes is %p milliseconds', (value, expected) => {
  expect(inBody(durationMs, value)).toBe(expected);
});

test('texts of a query string that the web SDK writes for nothing are missing', () => {
  const { cursor, limit, version } = page(100);
  for (const nothing of ['', 'undefined', 'null']) {
    const asked = call({}, { cursor: nothing, limit: nothing, version: nothing, group_id: nothing });
    expect([cursor.read(asked, 'cursor'), limit.read(asked, 'limit'), version.read(asked, 'version')]).toEqual([
      undefined,
      100,
      '0',
    ]);
    expect(outcome(() => query.required(group).read(asked, 'group_id'))).toBe(
      '10002 group_id is required in the query string',
    );
  }
});

test.each<[string, unknown]>([
  ['1', 1],
  ['1000', 1_000],
  ['99999', 1_000],
  ['9223372036854775807', 1_000],
  ['0', '10002 limit must be a number from 1'],
  ['-1', '10002 limit must be a number from 1'],
  ['x', '10002 limit must be a number from 1'],
])('a limit of %s entries is read as %p', (value, expected) => {
  expect(outcome(() => page(100).limit.read(call({}, { limit: value }), 'limit'))).toBe(expected);
});
