import { decodeRequest, REQUEST_BOUNDS } from './request';

const decode = (value: unknown) =>
  decodeRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

it.each([
  [{ a: 1 }, { ok: true, data: { a: 1 } }],
  [[1], { ok: true, data: [1] }],
  ['null', { ok: true, data: null }],
  [
    { pattern: 'x', data: { a: 1 }, id: '7' },
    { ok: true, data: { a: 1 }, nestId: '7' },
  ],
  // Nest sends these two for `send(pattern, undefined)` and for `emit`.
  [
    { pattern: 'x', id: '7' },
    { ok: true, data: undefined, nestId: '7' },
  ],
  [
    { pattern: 'x', data: 1 },
    { ok: true, data: 1 },
  ],
  // A single field with one of these names doesn't make an envelope.
  [{ data: 1 }, { ok: true, data: { data: 1 } }],
  [
    { id: '7', data: 1 },
    { ok: true, data: { id: '7', data: 1 } },
  ],
  [{ pattern: 'x' }, { ok: true, data: { pattern: 'x' } }],
])('the message %j is decoded', (message, request) => {
  expect(decode(message)).toEqual(request);
});

it.each([
  ['', 'The message is empty; it must be one JSON object.'],
  ['{', 'The message is not well-formed JSON.'],
  ['{} {}', 'The message is not well-formed JSON.'],
  ['\ufeff{}', 'The message is not well-formed JSON.'],
  ['{"a":NaN}', 'The message is not well-formed JSON.'],
  ['{"__proto__":{}}', '__proto__ is not a known field.'],
  ['{"a":[{"constructor":1}]}', 'constructor is not a known field.'],
])('the message %j is rejected: %s', (message, reason) => {
  expect(decode(message)).toEqual({ ok: false, reason });
});

it('an envelope beyond the bounds is rejected with its Nest id, so that the reply is an envelope', () => {
  expect(decode({ pattern: 'x', data: { __proto: [[[[[[[[[]]]]]]]]] }, id: '7' })).toEqual({
    ok: false,
    reason: `The message is nested deeper than ${REQUEST_BOUNDS.depth} levels.`,
    nestId: '7',
  });
});

it('a request exactly at a bound is accepted, and one beyond it is rejected', () => {
  const { depth, fields, items } = REQUEST_BOUNDS;
  expect(decode('['.repeat(depth) + ']'.repeat(depth)).ok).toBe(true);
  expect(decode('['.repeat(depth + 1) + ']'.repeat(depth + 1)).ok).toBe(false);
  const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
  expect(decode(wide(fields)).ok).toBe(true);
  expect(decode(wide(fields + 1)).ok).toBe(false);
  expect(decode(Array(items).fill('u')).ok).toBe(true);
  expect(decode(Array(items + 1).fill('u')).ok).toBe(false);
});

it('a message that is a slice of a larger buffer is decoded alone', () => {
  const buffer = Buffer.from('xx{"a":"ä"}yy');
  expect(decodeRequest(buffer.subarray(2, buffer.length - 2))).toEqual({ ok: true, data: { a: 'ä' } });
});
