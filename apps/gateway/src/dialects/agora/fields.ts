import { codePoints, isId, isLine, isText } from '@cohort/contracts';
import type { Call } from '../../dialect/call';
import type { Field, Schema } from '../../dialect/fields';
import type { JsonObject } from '../../dialect/json';
import { wholeNumber } from '../../dialect/numbers';
import { badField, notGiven, type AgoraError } from './errors';
import { shapeOf, type Shape } from './paths';
import type { AgoraSettings } from './settings';
import type { Users } from './users';

/** A call of this dialect: a JSON object, or a query string alone. */
export type AgoraCall = Call<AgoraSettings, JsonObject | undefined>;

/** A field of this dialect. A field with user names has `find`, which finds the users' ids. */
export interface AgoraField<T> extends Field<T, AgoraCall> {
  find?(this: void, value: T, users: Users): Promise<T>;
}

/** What a field needs of the value that was sent: its reader throws 400 invalid_parameter. */
export interface Kind<T> {
  readonly schema: Schema;
  /** The error for a missing value, where the vendor has one of its own. */
  readonly missing?: (name: string) => AgoraError;
  readonly many?: Field<T, AgoraCall>['many'];
  readonly read: (value: unknown, name: string, shape: Shape) => T;
  find?(this: void, value: T, users: Users): Promise<T>;
}

/** The web SDK writes these texts in a query string for values that its caller left out. */
const MISSING_TEXTS = ['', 'undefined', 'null'];

const PLACES = {
  body: ({ body }: AgoraCall, name: string): unknown => body?.[name] ?? undefined,
  query: ({ query }: AgoraCall, name: string): unknown =>
    query.getAll(name).find((text) => !MISSING_TEXTS.includes(text)),
  path: ({ params }: AgoraCall, name: string): unknown => params[name],
} as const;
type Place = keyof typeof PLACES;

const optional = <T>(place: Place, { schema, many, read, find }: Kind<T>): AgoraField<T | undefined> => ({
  in: place,
  required: false,
  schema,
  ...(many ? { many } : {}),
  ...(find && { find: async (value, users) => (value === undefined ? undefined : find(value, users)) }),
  read: (call, name) => {
    const value = PLACES[place](call, name);
    return value === undefined ? undefined : read(value, name, shapeOf(call.params.org_name));
  },
});

const required = <T>(place: Place, kind: Kind<T>): AgoraField<T> => ({
  in: place,
  required: true,
  schema: kind.schema,
  ...(kind.many ? { many: kind.many } : {}),
  ...(kind.find && { find: kind.find }),
  read: (call, name) => {
    const value = PLACES[place](call, name);
    if (value === undefined) throw (kind.missing ?? notGiven)(name);
    return kind.read(value, name, shapeOf(call.params.org_name));
  },
});

/** A field in the path, in the body, or in the query string. */
export const inPath = <T>(kind: Kind<T>): AgoraField<T> => required('path', kind);
export const body = {
  required: <T>(kind: Kind<T>) => required('body', kind),
  optional: <T>(kind: Kind<T>) => optional('body', kind),
};
export const query = { optional: <T>(kind: Kind<T>) => optional('query', kind) };

/** The parts of a path that name the tenant. `authenticate` has checked them. */
export const base = {
  org_name: inPath<string>({ schema: { type: 'string', description: 'or `app-id`' }, read: String }),
  app_name: inPath<string>({ schema: { type: 'string', description: 'or the app id' }, read: String }),
} as const;

const ID: Schema = { type: 'string', minLength: 1, maxLength: 64 };

export const group: Kind<string> = {
  schema: ID,
  read: (value, name) => {
    if (!isId(value)) throw badField(`${name} must be an id`);
    return value;
  },
};

const AGORA_USER = /^[A-Za-z0-9_.-]{1,64}$/;

function userName(value: unknown, name: string, shape: Shape): string {
  const isRight = shape === 'shengwang' ? isId(value) : typeof value === 'string' && AGORA_USER.test(value);
  if (!isRight) throw badField(`${name} must be a username`);
  return value as string;
}

export const user: Kind<string> = { schema: ID, read: userName, find: (value, users) => users.one(value) };

/** Bytes of a name as it is written: 64 characters, escaped, with quotation marks and a comma. */
const NAME_BYTES = 64 * 12 + 3;

/** Users, each once, in their order. */
export const userNames = (
  atMost: number,
  tooMany = (name: string) => `${name} has more than ${atMost} entries`,
): Kind<string[]> => ({
  schema: { type: 'array', items: ID, maxItems: atMost },
  many: { atMost, bytes: NAME_BYTES },
  read: (value, name, shape) => {
    if (!Array.isArray(value)) throw badField(`${name} must be a list of usernames`);
    if (value.length > atMost) throw badField(tooMany(name));
    return [...new Set(value.map((one) => userName(one, name, shape)))];
  },
  find: (value, users) => users.all(value),
});

/** One user at least. */
export const someUsers = (atMost: number, tooMany: string): Kind<string[]> => {
  const names = userNames(atMost, () => tooMany);
  return {
    ...names,
    read: (value, name, shape) => {
      const read = names.read(value, name, shape);
      if (read.length === 0) throw notGiven(name);
      return read;
    },
  };
};

/** Users of a path, with commas between them. */
export const userList = (atMost: number, tooMany: string): Kind<string[]> => ({
  schema: { type: 'string', description: `up to ${atMost}, separated by commas` },
  read: (value, name, shape) => userNames(atMost, () => tooMany).read(String(value).split(','), name, shape),
  find: (value, users) => users.all(value),
});

/** A text of at most so many code points, or bytes; another limit may hold in Agora's API. */
export const text = (
  max: number,
  {
    inAgora = max,
    bytes = false,
    oneLine = false,
    tooLong = (name: string) => badField(`${name} length is too big`),
  } = {},
): Kind<string> => ({
  schema: { type: 'string', maxLength: max },
  read: (value, name, shape) => {
    if (typeof value !== 'string') throw badField(`${name} must be a string`);
    const isAgora = shape === 'agora';
    const size = bytes && !isAgora ? Buffer.byteLength(value) : codePoints(value);
    if (size > (isAgora ? inAgora : max)) throw tooLong(name);
    if (oneLine && !isLine(value, Infinity)) throw badField(`${name} must be one line`);
    if (!isText(value, Infinity)) throw badField(`${name} must not contain control characters`);
    return value;
  },
});

/** A text without slashes in Agora's API. */
export const withoutSlash = (kind: Kind<string>): Kind<string> => ({
  ...kind,
  read: (value, name, shape) => {
    const read = kind.read(value, name, shape);
    if (shape === 'agora' && read.includes('/')) throw badField(`${name} must not contain /`);
    return read;
  },
});

export const bool: Kind<boolean> = {
  schema: { type: 'boolean' },
  read: (value, name) => {
    if (typeof value !== 'boolean') throw badField(`${name} must be a boolean`);
    return value;
  },
};

/** A whole number of at least `min`. More than `max` counts as `max`. */
export const whole = (min: number, max: number): Kind<number> => ({
  schema: { type: 'integer', minimum: min },
  read: (value, name) => {
    const given = wholeNumber(value);
    if (given === undefined || given < min) throw badField(`${name} must be a number from ${min}`);
    return Math.min(given, max);
  },
});

/** Most members of a group: a number, or its decimal text. */
export const maxUsers = (most: number): Kind<number> => ({
  schema: { type: 'integer', minimum: 1 },
  read: (value, name, shape) => {
    const given = wholeNumber(value);
    if (given === undefined || given < 1) throw badField(`${name} must be a number from 1`);
    const max = shape === 'agora' ? Math.min(most, 2_000) : most;
    if (given > max) throw badField(`${name} must not be larger than ${max}`);
    return given;
  },
});

/** Milliseconds. Undefined, sent as -1, is for ever. */
export const duration = (most: number): Kind<number | undefined> => ({
  schema: { type: 'integer', description: 'milliseconds, -1 for ever' },
  read: (value, name) => {
    const given = wholeNumber(value);
    if (given === -1) return undefined;
    if (given === undefined || given < 1) throw badField(`${name} must be a number from 1, or -1`);
    return Math.min(given, most);
  },
});

/** `v3` selects the web SDKs' newer shapes of an answer. */
export const VERSION = query.optional(text(16));
