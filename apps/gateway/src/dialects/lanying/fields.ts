import { codePoints, isLine, isOrdinal, isText, LIMITS, PAGE } from '@cohort/contracts';
import type { Call } from '../../dialect/call';
import type { Field, Schema } from '../../dialect/fields';
import type { JsonObject } from '../../dialect/json';
import { wholeNumber } from '../../dialect/numbers';
import { badField } from './errors';
import { int64Of, type Ids, type NamedUser } from './ids';
import type { LanyingSettings } from './settings';

/** A call of this dialect: a JSON object, or a query string alone. */
export type LanyingCall = Call<LanyingSettings, JsonObject | undefined>;

/** A field of this dialect. A field with ids has `find`, which finds whose the numbers are. */
export interface LanyingField<T> extends Field<T, LanyingCall> {
  find?(this: void, value: T, ids: Ids): Promise<T>;
}

/** What a field needs of the value that was sent: its reader throws 10002. */
export interface Kind<T> {
  readonly schema: Schema;
  readonly many?: Field<T, LanyingCall>['many'];
  readonly read: (value: unknown, name: string) => T;
  find?(this: void, value: T, ids: Ids): Promise<T>;
}

/** The web SDK writes these texts in a query string for values that its caller left out. */
const MISSING_TEXTS = ['', 'undefined', 'null'];

const inQuery = ({ query }: LanyingCall, name: string): unknown =>
  query.getAll(name).find((text) => !MISSING_TEXTS.includes(text));
const inBody = ({ body }: LanyingCall, name: string): unknown => body?.[name] ?? undefined;

function field<T>(place: 'body' | 'query', required: true, kind: Kind<T>): LanyingField<T>;
function field<T>(place: 'body' | 'query', required: false, kind: Kind<T>): LanyingField<T | undefined>;
function field<T>(
  place: 'body' | 'query',
  required: boolean,
  { schema, many, read, find }: Kind<T>,
): LanyingField<T | undefined> {
  return {
    in: place,
    required,
    schema: required && many ? { ...schema, minItems: 1 } : schema,
    ...(many ? { many } : {}),
    ...(find && { find: async (value, ids) => (value === undefined ? undefined : find(value, ids)) }),
    read: (call, name) => {
      const value = (place === 'body' ? inBody : inQuery)(call, name);
      const isNothing = value === undefined || (!required && many && Array.isArray(value) && value.length === 0);
      if (!isNothing) return read(value, name);
      if (required) throw badField(name, place === 'body' ? 'is required' : 'is required in the query string');
      return undefined;
    },
  };
}

/** A field in the body, or in the query string. */
export const body = {
  required: <T>(kind: Kind<T>) => field('body', true, kind),
  optional: <T>(kind: Kind<T>) => field('body', false, kind),
};
export const query = {
  required: <T>(kind: Kind<T>) => field('query', true, kind),
  optional: <T>(kind: Kind<T>) => field('query', false, kind),
};

/** With another value where the field is missing. */
export const orElse = <T>(of: LanyingField<T | undefined>, value: T): LanyingField<T> => ({
  ...of,
  find: undefined,
  read: (call, name) => of.read(call, name) ?? value,
});

const INT64: Schema = { type: 'integer', format: 'int64' };

/** A number that names something: in JSON, or as a text of decimal digits. */
export const number: Kind<string> = {
  schema: INT64,
  read: (value, name) => {
    const text = int64Of(value);
    if (text === undefined) throw badField(name, 'must be a number');
    return text;
  },
};

/** Groups never count so far: no announcement and no file has this number. */
export const NO_ORDINAL = '999999999999999';

/** The number of an announcement or a file. One that none can have, such as 0, is one that none has: it isn't malformed. */
export const ordinal: Kind<string> = {
  schema: INT64,
  read: (value, name) => {
    const text = number.read(value, name);
    return isOrdinal(text) ? text : NO_ORDINAL;
  },
};

export const user: Kind<string> = { ...number, find: (value, ids) => ids.userId(value) };
export const group: Kind<string> = { ...number, find: (value, ids) => ids.groupId(value) };

/** Bytes of a number with its comma: 19 digits, in quotation marks. */
const NUMBER_BYTES = 22;

/** Numbers, at least one, each once, in their order. */
export const numbers = (atMost: number): Kind<string[]> => ({
  schema: { type: 'array', items: INT64, maxItems: atMost },
  many: { atMost, bytes: NUMBER_BYTES },
  read: (value, name) => {
    if (!Array.isArray(value)) throw badField(name, 'must be a list of numbers');
    const found = new Set<string>();
    for (const item of value) {
      const text = int64Of(item);
      if (text === undefined) throw badField(name, 'must be a list of numbers');
      found.add(text);
    }
    if (found.size === 0) throw badField(name, 'is required');
    if (found.size > atMost) throw badField(name, `has ${found.size} entries, at most ${atMost} are allowed`);
    return [...found];
  },
});

export const users = (atMost: number = LIMITS.usersPerCommand): Kind<string[]> => ({
  ...numbers(atMost),
  find: (value, ids) => ids.userIds(value),
});

/** Users; those with an alias that nobody has are left out. */
export const knownUsers: Kind<string[]> = {
  ...numbers(LIMITS.usersPerCommand),
  find: (value, ids) => ids.knownUserIds(value),
};

/** Users, each of whom gets a result: also an alias that nobody has. */
const namedUsers: Kind<NamedUser[]> = {
  ...numbers(LIMITS.usersPerCommand),
  read: (value, name) =>
    numbers(LIMITS.usersPerCommand)
      .read(value, name)
      .map((number) => ({ number, userId: undefined })),
  find: (value, ids) => ids.named(value),
};

/** Clients name all groups of a user in one call. */
const MOST_GROUPS = 1_000;

/** Groups; those with an alias that no group has are left out. */
export const groups: Kind<string[]> = {
  ...numbers(MOST_GROUPS),
  find: async (value, ids) => {
    const found = await ids.groupIds(value);
    return found.filter((id) => id !== undefined);
  },
};

/** A text of at most so many code points, in one line. */
export const text = (max: number, min = 0): Kind<string> =>
  textOf(max, min, isLine, 'must be one line without control characters');

/** The same with line breaks and tabs. */
export const lines = (max: number, min = 0): Kind<string> =>
  textOf(max, min, isText, 'must not contain control characters but line breaks and tabs');

const textOf = (
  max: number,
  min: number,
  isRight: (value: unknown, max: number) => boolean,
  says: string,
): Kind<string> => ({
  schema: { type: 'string', ...(min > 0 ? { minLength: min } : {}), maxLength: max },
  read: (value, name) => {
    if (typeof value !== 'string') throw badField(name, 'must be a text');
    if (value === '' && min > 0) throw badField(name, 'is required');
    if (value.length > max && codePoints(value) > max) throw badField(name, `is longer than ${max} characters`);
    if (!isRight(value, max)) throw badField(name, says);
    return value;
  },
});

export const bool: Kind<boolean> = {
  schema: { type: 'boolean' },
  read: (value, name) => {
    if (typeof value !== 'boolean') throw badField(name, 'must be true or false');
    return value;
  },
};

/** A whole number from `min` to `max`; `description` has the meaning of each. */
export const whole = (min: number, max: number, description?: string): Kind<number> => ({
  schema: { type: 'integer', minimum: min, maximum: max, ...(description === undefined ? {} : { description }) },
  read: (value, name) => {
    const given = wholeNumber(value);
    if (given === undefined || given < min || given > max)
      throw badField(name, `must be a number from ${min} to ${max}`);
    return given;
  },
});

/** Minutes, as milliseconds. -1 means for ever, as a missing field does. */
const minutes: Kind<number> = {
  schema: { type: 'integer', description: 'minutes; absent or -1 for ever' },
  read: (value, name) => {
    const given = wholeNumber(value);
    if (given === undefined || given < -1 || given === 0 || given * 60_000 > LIMITS.banMs)
      throw badField(name, 'must be a number of minutes, or -1');
    return given === -1 ? Infinity : given * 60_000;
  },
};

/** How long a ban lasts, in milliseconds; undefined for ever. */
export const durationMs: LanyingField<number | undefined> = {
  ...body.optional(minutes),
  read: (call, name) => {
    const given = body.optional(minutes).read(call, name);
    return given === Infinity ? undefined : given;
  },
};

/** The group of a call with a body, of one without, and users that the call names. */
export const groupId = body.required(group);
export const groupIdInQuery = query.required(group);
export const userId = body.required(user);
export const userList = body.required(namedUsers);
export const reason = body.optional(text(LIMITS.reason));

/** More entries than a page has are no error. */
const limit: Kind<number> = {
  schema: { type: 'integer', minimum: 1 },
  read: (value, name) => {
    const given = int64Of(value);
    if (given === undefined || given === '0') throw badField(name, 'must be a number from 1');
    return Math.min(Number(given), PAGE.maxLimit);
  },
};

/** The fields of a page of a list without versions. */
export const plainPage = { cursor: query.optional(text(1_024, 1)), limit: query.optional(limit) } as const;

/** The fields of a page: `cursor`, `limit` and `version`. */
export const page = (defaultLimit: number) => ({
  cursor: plainPage.cursor,
  limit: orElse(plainPage.limit, defaultLimit),
  version: orElse(query.optional(number), '0'),
});
