import { buildMessage, ValidateBy, ValidateIf, ValidateNested, type ValidationOptions } from 'class-validator';
import { isAppId, isCommandId, isId, isOrdinal, MAX_APP_ID_LENGTH, MAX_COMMAND_ID_LENGTH, MAX_ID_LENGTH } from '../ids';
import { isPosition } from '../positions';
import { isLine, isText } from '../texts';
import { declareNested, declarePersonal, type Class, type Extent } from './declared';
import { isTime } from '../times';

// Each decorator that bounds a value declares the largest legal one, from which the size of an operation's message follows.

function check(
  name: string,
  test: (value: unknown) => boolean,
  says: string,
  extent: Extent,
  options?: ValidationOptions,
): PropertyDecorator {
  const message = buildMessage((each) => `${each}$property ${says}`, options);
  return ValidateBy({ name, constraints: [extent], validator: { validate: test, defaultMessage: message } }, options);
}

/** A text of so many code points, each of which takes two escapes in JSON. */
const widest = (codePoints: number): string => '\u{1F600}'.repeat(codePoints);

/** The field may be left out. `null` is refused. */
export const Optional = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** The field may be left out where another field is given: one of the two is needed. */
export const OptionalWith = (other: string): PropertyDecorator =>
  ValidateIf(
    (object: Readonly<Record<string, unknown>>, value: unknown) => value !== undefined || object[other] === undefined,
  );

/** A group or user id: 1 to 64 characters (code points), no control characters. */
export const IsId = (options?: ValidationOptions): PropertyDecorator =>
  check(
    'isId',
    isId,
    `must be a string of 1 to ${MAX_ID_LENGTH} characters without control characters`,
    { largest: widest(MAX_ID_LENGTH) },
    options,
  );

/** A command id: 1 to 128 characters (code points), no control characters. */
export const IsCommandId = (): PropertyDecorator =>
  check(
    'isCommandId',
    isCommandId,
    `must be a string of 1 to ${MAX_COMMAND_ID_LENGTH} characters without control characters`,
    { largest: widest(MAX_COMMAND_ID_LENGTH) },
  );

/** A tenant's id: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export const IsAppId = (): PropertyDecorator =>
  check('isAppId', isAppId, `must be 1 to ${MAX_APP_ID_LENGTH} of the characters A-Z a-z 0-9 _ -`, {
    largest: 'a'.repeat(MAX_APP_ID_LENGTH),
  });

/** A text of one line, such as a name: `min` to `max` code points, no control characters, no line breaks. */
export const IsLine = (max: number, min = 0, options?: ValidationOptions): PropertyDecorator =>
  check(
    'isLine',
    (value) => isLine(value, max, min),
    `must be a text of ${min} to ${max} characters in one line, without control characters`,
    { largest: widest(max) },
    options,
  );

/** A text of `min` to `max` code points. It may have line breaks and tabs, and no other control characters. */
export const IsText = (max: number, min = 0): PropertyDecorator =>
  check(
    'isText',
    (value) => isText(value, max, min),
    `must be a text of ${min} to ${max} characters, without control characters but line breaks and tabs`,
    { largest: widest(max) },
  );

/**
 * Personal text of one line, of at most `max` code points (`PersonalText`). `of`: the user whose text it is, `actor` or the
 * field that names them. The command app seals it before anything decides on it.
 */
export const IsPersonalText =
  (max: number, { of, min = 0 }: { readonly of: string; readonly min?: number }): PropertyDecorator =>
  (target, key) => {
    IsLine(max, min)(target, key);
    declarePersonal(target, { name: String(key), of });
  };

/** A text of at most `max` bytes in UTF-8. It may have line breaks and tabs, and no other control characters. */
export const IsBytes = (max: number): PropertyDecorator =>
  check(
    'isBytes',
    (value) => isText(value, max) && Buffer.byteLength(value) <= max,
    `must be a text of at most ${max} bytes, without control characters but line breaks and tabs`,
    { largest: 'x'.repeat(max) },
  );

/**
 * A list of entries, each with a personal text in its field `text`, under a `key`. `of`: as for a single text. The decorators of
 * the list and of its entries bound it.
 */
export const HasPersonalTexts =
  ({ of }: { readonly of: string }): PropertyDecorator =>
  (target, key) =>
    declarePersonal(target, { name: String(key), of });

/** A revision: a decimal string. */
export const IsRevision = (): PropertyDecorator =>
  check(
    'isRevision',
    (value) => typeof value === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(value),
    'must be a revision, a decimal string such as "7"',
    { largest: '9'.repeat(15) },
  );

/** The number of one of a group's announcements, files and the like: a decimal string. */
export const IsOrdinal = (options?: ValidationOptions): PropertyDecorator =>
  check(
    'isOrdinal',
    (value) => typeof value === 'string' && isOrdinal(value),
    'must be a decimal string from "1"',
    { largest: '9'.repeat(15) },
    options,
  );

/** A position: a decimal string. */
export const IsPosition = (): PropertyDecorator =>
  check('isPosition', isPosition, 'must be a position, a decimal string such as "4711"', { largest: '9'.repeat(20) });

/** A number as a text: a canonical decimal of at most 20 digits. */
export const IsDecimal = (options?: ValidationOptions): PropertyDecorator =>
  check('isDecimal', isPosition, 'must be a decimal string such as "4711"', { largest: '9'.repeat(20) }, options);

/** A time: ISO 8601 in UTC with milliseconds, from 1970 on. */
export const IsTime = (): PropertyDecorator =>
  check('isTime', isTime, 'must be a time in UTC such as "2026-11-26T09:30:00.000Z"', {
    largest: '2026-11-26T09:30:00.000Z',
  });

/** One of these texts. */
export const IsOneOf = (values: readonly string[]): PropertyDecorator => {
  const largest = values.reduce((longest, value) => (value.length > longest.length ? value : longest));
  const says = `must be ${values.map((value) => `"${value}"`).join(' or ')}`;
  return check('isOneOf', (value) => typeof value === 'string' && values.includes(value), says, { largest });
};

/** `true` or `false`. */
export const IsFlag = (): PropertyDecorator =>
  check('isFlag', (value) => typeof value === 'boolean', 'must be true or false', { largest: false });

/**
 * A whole number from `min` to `max`, at most 2^53-1. It is a JSON number: no text, no list of one, no fraction, and not
 * -0. With `orDecimal`, its decimal as a text is read as well.
 */
export const IsWhole = (
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  { orDecimal = false, ...options }: ValidationOptions & { readonly orDecimal?: boolean } = {},
): PropertyDecorator => {
  const numberIn = (value: unknown) =>
    orDecimal && typeof value === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;
  const isWhole = (value: unknown): boolean => {
    const number = numberIn(value);
    return Number.isSafeInteger(number) && !Object.is(number, -0) && Number(number) >= min && Number(number) <= max;
  };
  const extent = { largest: orDecimal ? String(max) : max, ...(orDecimal ? { read: numberIn } : {}) };
  return check('isWhole', isWhole, `must be a whole number from ${min} to ${max}`, extent, options);
};

/** A list of `min` to `max` items. They are counted before anything looks at one. */
export const IsList =
  (max: number, min = 0): PropertyDecorator =>
  (target, key) => {
    const isCounted = (value: unknown) => !Array.isArray(value) || (value.length >= min && value.length <= max);
    const says = min === 0 ? `must have at most ${max} items` : `must have ${min} to ${max} items`;
    check('itemCount', isCounted, says, { largest: max })(target, key);
    const message = '$property must be a list';
    ValidateBy({ name: 'isList', validator: { validate: Array.isArray, defaultMessage: () => message } })(target, key);
  };

/** No two items of the list have the same key. Each item is known to be well-formed then. */
export const DistinctBy = <T>(field: string, keyOf: (item: T) => string): PropertyDecorator =>
  ValidateBy({
    name: 'distinctBy',
    validator: {
      validate: (list: T[]) => new Set(list.map(keyOf)).size === list.length,
      defaultMessage: () => `$property must not have two items with the same ${field}`,
    },
  });

interface NestedOptions {
  readonly each?: true;
  /** Completes the message about another value, after "must be". */
  readonly says?: string;
}

/** The field is an object of this class; with `each`, a list of them. */
export const Nested =
  (type: () => Class, { says, ...options }: NestedOptions = {}): PropertyDecorator =>
  (target, key) => {
    ValidateNested(options)(target, key);
    declareNested(target, String(key), type, says);
  };

/** The field belongs to the members of a union whose `tag` has this value: others can't have it. */
export const OnlyWith = (tag: string, value: string): PropertyDecorator =>
  ValidateBy({
    name: 'onlyWith',
    validator: {
      validate: (_value, args) => (args!.object as Readonly<Record<string, unknown>>)[tag] === value,
      defaultMessage: () => `$property goes with ${tag} "${value}" only`,
    },
  });

/** The field can't be given together with these fields. */
export const NotBeside = (...others: readonly string[]): PropertyDecorator =>
  beside('notBeside', others, (isThere) => !isThere, "can't be given beside");

/** The field needs these fields beside it. */
export const NeedsBeside = (...others: readonly string[]): PropertyDecorator =>
  beside('needsBeside', others, (isThere) => isThere, 'must be given with');

function beside(name: string, others: readonly string[], isRight: (isThere: boolean) => boolean, says: string) {
  const wrong = (object: object) =>
    others.filter((other) => !isRight((object as Record<string, unknown>)[other] !== undefined));
  return ValidateBy({
    name,
    constraints: [others],
    validator: {
      validate: (_value, args) => wrong(args!.object).length === 0,
      defaultMessage: (args) => `$property ${says} ${wrong(args!.object).join(', ')}`,
    },
  });
}
