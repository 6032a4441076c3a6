import fc from 'fast-check';
import { jsonText } from './json-text';

test('a bigint is a number with all its digits, wherever it is', () => {
  const big = 9_007_199_254_740_993n;
  expect(jsonText({ id: big, list: [big, 1, undefined], text: 'a"b', none: undefined })).toBe(
    '{"id":9007199254740993,"list":[9007199254740993,1,null],"text":"a\\"b"}',
  );
  expect(jsonText({ later: { toJSON: () => big } })).toBe('{"later":9007199254740993}');
  expect(jsonText(-(2n ** 63n))).toBe('-9223372036854775808');
});

test('a value without a bigint is written as by JSON.stringify, with one as well', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value));
      expect(jsonText([value, 2n ** 60n])).toBe(`[${JSON.stringify(value)},${2n ** 60n}]`);
    }),
  );
});

test('a value without a JSON form fails as it does there', () => {
  const circle: { self?: object } = {};
  circle.self = circle;
  expect(() => jsonText(circle)).toThrow(TypeError);
});
