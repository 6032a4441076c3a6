import { isDeepStrictEqual } from 'node:util';
import { CohortError } from '../errors';
import { largestOf, OPERATIONS, pathsIn, withValue } from '../testing/operations';
import { parseDto, type FieldError } from '.';

/** Most bytes of an error on the wire is 4 KiB: this leaves room for an envelope and headers. */
const MOST_BYTES = 3_500;
const LONG = 'x'.repeat(100_000);

/** Values that no field of any operation may have. */
const NEVER: readonly unknown[] = [
  null,
  {},
  [-5],
  [[]],
  [null],
  [{}],
  { toString: 'x' },
  { valueOf: 5, toString: 5 },
  { length: 3 },
  { type: 'service', id: 'u1' },
  { type: 'user', id: 'u1', onBehalfOf: 'u2' },
  { type: 'user' },
  1e21,
  -0,
  -1,
  1.5,
  1e-7,
  2 ** 53,
  Number.MAX_VALUE,
  '\u0000',
  'a\u0007b',
  'a\u007fb',
  'a\u0085b',
  '\ud800',
  'a\udc00',
  LONG,
  '\u{1F600}'.repeat(50_000),
];

/** Values that are numbers, flags or lists only to a reader that converts. */
const NO_NUMBER: readonly unknown[] = [
  true,
  false,
  '0x10',
  '1e3',
  '1.0',
  ' 7',
  '7 ',
  '+7',
  '-7',
  '007',
  '',
  'NaN',
  'Infinity',
  'true',
  '9007199254740993',
  '99999999999999999999',
  ['7'],
];

/** Names that every object has, and others that are no field's. */
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'toJSON',
  'length',
  'Actor',
  'app ',
  '',
  '0',
  LONG,
  '\u0000'.repeat(1_000),
  '\ud800'.repeat(1_000),
  '"\\'.repeat(1_000),
  '销'.repeat(1_000),
  '$&$1$property$value',
];

/** The error of a message; undefined if it is accepted. */
function errorOf(dto: (typeof OPERATIONS)[number]['dto'], plain: unknown): CohortError | undefined {
  try {
    parseDto(dto, plain);
    return undefined;
  } catch (error) {
    if (error instanceof CohortError && error.code === 'VALIDATION_FAILED') return error;
    throw error;
  }
}

const fieldsOf = (error: CohortError | undefined): readonly string[] =>
  ((error?.details?.fields ?? []) as readonly FieldError[]).map(({ field }) => field);

/** The field that an error names for a value: of an item of a list, the list. */
const fieldAt = (path: readonly string[]): string =>
  (Number.isNaN(Number(path.at(-1))) ? path : path.slice(0, -1)).join('.');

const bytesOf = (error: CohortError): number => Buffer.byteLength(JSON.stringify(error.toBody()));

describe.each(OPERATIONS)('the $kind $name', (operation) => {
  const { dto } = operation;
  const legal = largestOf(operation, 2);
  const paths = pathsIn(legal);
  const objects = [[], ...paths.filter((path) => isObject(at(legal, path)))];

  it('accepts a legal message', () => {
    expect(errorOf(dto, JSON.parse(JSON.stringify(legal)))).toBeUndefined();
  });

  it('refuses each hostile value of each field, names the field, and fails in no other way', () => {
    for (const path of paths) {
      for (const value of NEVER) {
        const error = errorOf(dto, withValue(legal, path, value));
        // An object whose fields are all optional may be empty.
        if (error === undefined && isDeepStrictEqual(value, {}) && isObject(at(legal, path))) continue;
        const field = fieldAt(path);
        if (!fieldsOf(error).some((one) => one.startsWith(field))) {
          throw new Error(`${field} may be ${JSON.stringify(value).slice(0, 80)}: ${error?.message ?? 'accepted'}`);
        }
        expect(bytesOf(error!)).toBeLessThan(MOST_BYTES);
      }
    }
  });

  it('reads numbers exactly', () => {
    for (const path of paths) {
      const right = at(parseDto(dto, legal), path);
      if (typeof right !== 'number') continue;
      for (const value of NO_NUMBER) {
        expect([value, fieldsOf(errorOf(dto, withValue(legal, path, value)))]).toEqual([value, [fieldAt(path)]]);
      }
      expect(at(parseDto(dto, withValue(legal, path, right)), path)).toBe(right);
    }
  });

  it("refuses unknown fields at any depth, also those named like an object's own", () => {
    for (const path of objects) {
      for (const name of NAMES) {
        const error = errorOf(dto, withValue(legal, [...path, name], 'x'));
        expect(error?.message).toContain('is not a known field');
        expect(bytesOf(error!)).toBeLessThan(MOST_BYTES);
      }
    }
  });

  it('names at most three fields, and counts the others', () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i}${LONG}`);
    const error = errorOf(dto, { ...legal, ...Object.fromEntries(names.map((name) => [name, 1])) })!;
    expect(fieldsOf(error)).toHaveLength(3);
    expect(error.details?.more).toBe(17);
    expect(error.message).toMatch(/; and 17 more$/);
    expect(bytesOf(error)).toBeLessThan(MOST_BYTES);
  });

  it('refuses everything at once', () => {
    const wrong = Object.fromEntries(Object.keys(legal).map((name) => [name, { [LONG]: LONG }]));
    const error = errorOf(dto, wrong)!;
    expect(fieldsOf(error).length).toBeLessThanOrEqual(3);
    expect(bytesOf(error)).toBeLessThan(MOST_BYTES);
  });
});

function at(value: unknown, [name, ...rest]: readonly string[]): unknown {
  return name === undefined ? value : at((value as Record<string, unknown>)[name], rest);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
