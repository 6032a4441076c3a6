import { codePoints, isId, isLine, isText, LIMITS, NOTICE } from '@cohort/contracts';
import type { Call } from '../../dialect/call';
import type { Field, Schema } from '../../dialect/fields';
import type { Json, JsonObject } from '../../dialect/json';
import { jsonText } from '../../dialect/json-text';
import { wholeNumber } from '../../dialect/numbers';
import { WildfireChatError } from './errors';
import type { WildfireChatSettings } from './settings';

/** A call of this dialect whose body is read as `B`. */
export type WildfireCall<B> = Call<WildfireChatSettings, B>;
type ObjectField<T> = Field<T, Pick<WildfireCall<JsonObject>, 'body'>>;

/** Throws 251: the field is missing or wrong. */
export const invalid = (): never => {
  throw new WildfireChatError(251);
};

/** Reads a value that is given. */
export interface Kind<T> {
  readonly schema: Schema;
  readonly read: (value: Json) => T;
  readonly many?: NonNullable<Field<unknown, never>['many']>;
}

/** The vendor's server reads a number where a text stands, and the other way round. */
const asText = (value: Json): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : invalid();

/** A text of at most so many code points, of one line if `line` is given. */
export const text = (max: number, min = 0, line = false): Kind<string> => ({
  schema: { type: 'string', ...(min > 0 ? { minLength: min } : {}), maxLength: max },
  read: (value) => {
    const given = asText(value);
    if ((given.length > max && codePoints(given) > max) || given.length < min) return invalid();
    return given === '' || (line ? isLine : isText)(given, max) ? given : invalid();
  },
});

export const id: Kind<string> = {
  schema: { type: 'string', minLength: 1, maxLength: 64 },
  read: (value) => {
    const given = asText(value);
    return isId(given) ? given : invalid();
  },
};

/** A whole number from `min` to `max`; another one is `beyond`. */
export const whole = (min: number, max: number, beyond: () => never = invalid): Kind<number> => ({
  schema: { type: 'integer', minimum: min, maximum: max },
  read: (value) => {
    const given = wholeNumber(value) ?? invalid();
    return given < min || given > max ? beyond() : given;
  },
});

export const flag: Kind<boolean> = {
  schema: { type: 'boolean' },
  read: (value) => {
    const known: ReadonlyMap<Json, boolean> = new Map<Json, boolean>([
      [true, true],
      [false, false],
      ['true', true],
      ['false', false],
      [1, true],
      [0, false],
    ]);
    return known.get(value) ?? invalid();
  },
};

const BYTES_OF_ID = '"",'.length + 64 * 6 * 2;

/** Ids, each once. */
export const ids = (atMost: number): Kind<string[]> => ({
  schema: { type: 'array', items: id.schema, maxItems: atMost },
  many: { atMost, bytes: BYTES_OF_ID },
  read: (value) => {
    if (!isList(value)) return invalid();
    const found = new Set(value.map((one) => id.read(one)));
    return found.size > atMost ? invalid() : [...found];
  },
});

/** Group ids from which no others follow: the types of members. */
export const numbers = (max: number): Kind<number[]> => ({
  schema: { type: 'array', items: { type: 'integer' } },
  read: (value) => (isList(value) ? [...new Set(value.map((one) => whole(0, max).read(one)))] : invalid()),
});

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The vendor's SDK for JavaScript sends null for what its caller left out. */
const given = (body: JsonObject, names: readonly string[]): Json | undefined =>
  names.map((name) => body[name]).find((value) => value !== undefined && value !== null);

/** A field of an object that may be missing, under any of these names. */
export const optionalIn = <T>(body: JsonObject, kind: Kind<T>, ...names: readonly string[]): T | undefined => {
  const value = given(body, names);
  return value === undefined ? undefined : kind.read(value);
};

/** A field that must be given, by its own name or by another that the vendor's documents or SDKs use. */
export const required = <T>(kind: Kind<T>, ...others: readonly string[]): ObjectField<T> => ({
  ...placed(kind, others),
  required: true,
  read: ({ body }, name) => optionalIn(body, kind, name, ...others) ?? invalid(),
});

/** A field that may be missing and then has this value, as a number or a flag has in the vendor's server. */
export const defaulting = <T>(kind: Kind<T>, value: T): ObjectField<T> => ({
  ...placed(kind, []),
  required: false,
  read: ({ body }, name) => optionalIn(body, kind, name) ?? value,
});

/** A field that may be missing. An empty text counts as missing where an id is expected. */
export const optional = <T>(kind: Kind<T>, ...others: readonly string[]): ObjectField<T | undefined> => ({
  ...placed(kind, others),
  required: false,
  read: ({ body }, name) => {
    const value = given(body, [name, ...others]);
    return value === undefined || (kind === (id as unknown) && value === '') ? undefined : kind.read(value);
  },
});

const placed = <T>({ schema, many }: Kind<T>, others: readonly string[]) => ({
  in: 'body' as const,
  schema: others.length === 0 ? schema : { ...schema, description: `or ${others.join(', ')}` },
  ...(many === undefined ? {} : { many }),
});

/** What the caller wants shown to people in place of the built-in notice. */
const message: Kind<JsonObject> = {
  schema: { type: 'object' },
  read: (value) => {
    if (!isObject(value) || wholeNumber(value.type ?? 0) === undefined) return invalid();
    return Buffer.byteLength(jsonText(value)) > NOTICE.payloadBytes ? invalid() : value;
  },
};

const lines: Kind<number[]> = {
  schema: { type: 'array', items: { type: 'integer' }, maxItems: NOTICE.lines },
  read: (value) => {
    const list = isList(value) ? value : [value];
    return list.length > NOTICE.lines ? invalid() : list.map((one) => whole(0, 2 ** 31 - 1).read(one));
  },
};
const toLines: ObjectField<number[]> = {
  ...optional(lines, 'line'),
  read: (call, name) => {
    const found = optional(lines, 'line').read(call, name) ?? [];
    return found.length === 0 ? [0] : found;
  },
};

/** The fields of every call that changes a group, beside the operator. */
export const notice = { to_lines: toLines, notify_message: optional(message, 'payload') } as const;

/** The user for whom the service acts. */
export const operator = required(id);
export const optionalOperator = optional(id);
/** The group: the vendor's calls that read have another spelling. */
export const groupId = required(id, 'groupId');
export const groupIdToRead = required(id, 'group_id');
export const members = required(ids(LIMITS.usersPerCommand));
