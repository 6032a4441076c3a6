import { DEFAULT_BOUNDS, type RequestBounds } from '@cohort/contracts';
import { decodeRequest, MAX_DEPTH, type Request } from './request';

const decode = (value: unknown, bounds?: RequestBounds) =>
  decodeRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), bounds);

/** The error of a rejected message. */
const errorOf = (request: Request) => {
  if (request.ok) throw new Error('was accepted');
  return request.error;
};

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
  ['{"a":0x10}', 'The message is not well-formed JSON.'],
  ['{"a":[1,]}', 'The message is not well-formed JSON.'],
  ['{"a":1,"b":2,"a":3}', 'a is given twice in one object'],
  [String.raw`{"a":1,"\u0061":1}`, 'a is given twice in one object'],
  ['{"__proto__":1,"__proto__":2}', '__proto__ is given twice in one object'],
  ['{"list":[{"x":1},{"y":1,"y":1}]}', 'y is given twice in one object'],
  [String.raw`{"\"":{"\\":1,"\\":2}}`, String.raw`\ is given twice in one object`],
])('the message %j is rejected: %s', (message, reason) => {
  expect(errorOf(decode(message))).toMatchObject({ code: 'VALIDATION_FAILED', message: reason });
});

it('a name may be used again in another object, and in texts', () => {
  const message = String.raw`{"a":{"a":[{"a":"\"a\":1,"},{"a":"{\"a\":["}]},"b":"a:a"}`;
  expect(decode(message)).toEqual({ ok: true, data: JSON.parse(message) as unknown });
});

it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'a field named %s is passed on like any other, for the operation to reject',
  (name) => {
    const { data } = decode(`{"${name}":{"${name}":1}}`) as { data: object };
    expect(Object.keys(data)).toEqual([name]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  },
);

describe('a message exactly at a bound is accepted, and one beyond it is rejected', () => {
  const bounds = { bytes: 1_000, values: 10 };
  const padded = (bytes: number) => '{"a":1}'.padEnd(bytes);

  it('of bytes', () => {
    expect(decode(padded(1_000), bounds).ok).toBe(true);
    expect(errorOf(decode(padded(1_001), bounds))).toEqual({
      code: 'TOO_LARGE',
      message: 'The message has 1001 bytes; this operation takes at most 1000.',
      details: { limit: 1_000 },
    });
    expect(decode(padded(DEFAULT_BOUNDS.bytes)).ok).toBe(true);
    expect(decode(padded(DEFAULT_BOUNDS.bytes + 1)).ok).toBe(false);
  });

  it('of fields and items', () => {
    const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
    expect(decode(wide(10), bounds).ok).toBe(true);
    expect(errorOf(decode(wide(11), bounds)).code).toBe('VALIDATION_FAILED');
    expect(decode({ list: Array(9).fill('u') }, bounds).ok).toBe(true);
    const message = 'The message has more than 10 fields and items; the last one that was read is in list';
    const error = { code: 'VALIDATION_FAILED', message, details: { fields: [{ field: 'list', message }] } };
    expect(errorOf(decode({ first: 1, list: Array(10).fill('u') }, bounds))).toEqual(error);
    expect(errorOf(decode({ pattern: 'p', id: '7', data: { list: Array(10).fill('u') } }, bounds))).toEqual(error);
    // Nothing after the bound is read, so that it may be anything.
    expect(errorOf(decode('{"a":[1,1,1,1,1,1,1,1,1,1,1 and this is no JSON', bounds)).message).toContain('in a');
  });

  it('of depth', () => {
    expect(decode('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)).ok).toBe(true);
    const message = `The message is nested deeper than ${MAX_DEPTH} levels.`;
    expect(errorOf(decode('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).message).toBe(message);
  });
});

it('the size is looked at first, then the count, then the depth, then the syntax', () => {
  const bounds = { bytes: 100, values: 20 };
  const deep = '['.repeat(10);
  expect(errorOf(decode(`${deep}${'1,'.repeat(60)}`, bounds)).code).toBe('TOO_LARGE');
  expect(errorOf(decode(`${deep}${'1,'.repeat(30)}`, bounds)).message).toContain('more than 20 fields');
  expect(errorOf(decode(`${deep}${'1,'.repeat(5)}`, bounds)).message).toContain('nested deeper');
  expect(errorOf(decode(`[${'1,'.repeat(5)}`, bounds)).message).toContain('well-formed');
});

describe("the id of Nest's envelope", () => {
  const nestIdOf = (message: unknown) => decode(message, { bytes: 200, values: 10 }).nestId;

  it('is found in a message that is rejected before it is parsed', () => {
    for (const data of [Array(20).fill(1), 'x'.repeat(300), [[[[[[[[[]]]]]]]]]]) {
      expect(nestIdOf({ pattern: 'x', data, id: 'a1B2-c3' })).toBe('a1B2-c3');
      expect(nestIdOf({ data, id: 'a1B2-c3' })).toBeUndefined();
    }
  });

  it('is not returned if it is too long', () => {
    expect(nestIdOf({ pattern: 'x', data: 1, id: 'i'.repeat(128) })).toBe('i'.repeat(128));
    expect(errorOf(decode({ pattern: 'x', data: 1, id: 'i'.repeat(129) })).message).toContain('128');
    expect(decode({ pattern: 'x', data: 1, id: 'i'.repeat(129) }).nestId).toBeUndefined();
  });
});

it('a message that is a slice of a larger buffer is decoded alone', () => {
  const buffer = Buffer.from('xx{"a":"ä"}yy');
  expect(decodeRequest(buffer.subarray(2, buffer.length - 2))).toEqual({ ok: true, data: { a: 'ä' } });
});
