import { isId, isOrdinal } from './ids';

/** Whether a stored value is what a field holds. */
export type Check = (value: unknown) => boolean;

/** A check for every field of `D`: the compiler refuses a declaration that leaves one out. */
export type Checks<D> = { readonly [K in keyof Required<D>]: Check };

/** Extra fields and unknown events may nest this deep. JSON of any depth can be stored, and deep JSON can't be written again. */
const MAX_DEPTH = 32;
export const TOO_MUCH = 'is too large or too deep';

/**
 * The shape of stored data. Values that pass can be used as the type `D`. Fields that aren't declared are allowed: their
 * size and depth are bounded.
 */
export class Shape<D = unknown> {
  readonly #fields: readonly string[];
  readonly #checks: readonly Check[];
  readonly #names: ReadonlySet<string>;

  constructor(checks: Checks<D>) {
    this.#fields = Object.keys(checks);
    this.#checks = Object.values(checks);
    this.#names = new Set(this.#fields);
  }

  /** Whether the data has a field of this name, or may have it. */
  declares(name: string): boolean {
    return this.#names.has(name);
  }

  /** What is wrong with a value, as the end of a sentence about it; undefined if it has the shape. */
  fault(value: unknown): string | undefined {
    if (!isRecord(value)) return 'is not a JSON object';
    const found = this.#declaredIn(value);
    if (typeof found === 'string') return `has a missing or wrong field "${found}"`;
    return Object.keys(value).length === found || isModest(value) ? undefined : TOO_MUCH;
  }

  /** Whether a value has the shape and no other fields. */
  isExactly(value: unknown): boolean {
    if (!isRecord(value)) return false;
    const found = this.#declaredIn(value);
    if (typeof found === 'string') return false;
    const names = Object.keys(value);
    return names.length === found || names.every((name) => this.#names.has(name));
  }

  /** How many of the declared fields a value has, or the name of one that is missing or wrong. */
  #declaredIn(value: Readonly<Record<string, unknown>>): number | string {
    let declared = 0;
    for (let i = 0; i < this.#fields.length; i++) {
      const field = value[this.#fields[i]!];
      if (!this.#checks[i]!(field)) return this.#fields[i]!;
      if (field !== undefined) declared += 1;
    }
    return declared;
  }
}

/** Whether the value is a JSON object: neither a list nor bytes. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Whether the value's JSON has bounded depth and at most this many bytes. */
export function isModest(value: unknown, maxBytes = 256 * 1024): boolean {
  return isShallow(value, MAX_DEPTH) && Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const inner of Object.values(value)) if (!isShallow(inner, depth - 1)) return false;
  return true;
}

/** The field may be missing. `null` isn't missing. */
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** A text of at most `max` code points. */
export const textUpTo =
  (max: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= 2 * max;

/** A word such as a reason. Which words are in use isn't checked: a newer build may have others. */
export const word: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 64;

/** A whole number from 0 to 2^53-1. */
export const wholeNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A time after 1970: ISO 8601 UTC with milliseconds. */
export const time: Check = (value) => typeof value === 'string' && TIME.test(value) && Date.parse(value) >= 0;

/** `true` or `false`. */
export const yesOrNo: Check = (value) => typeof value === 'boolean';

/** A decimal string of at most 20 digits. */
export const decimal: Check = (value) => typeof value === 'string' && /^\d{1,20}$/.test(value);

/** The number of one of a group's announcements, files and the like. */
export const ordinal: Check = (value) => typeof value === 'string' && isOrdinal(value);

/** A list of at most `max` values. */
export const listOf =
  (max: number, check: Check): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length > max) return false;
    for (const one of value) if (!check(one)) return false;
    return true;
  };

/** Objects of a shape, without other fields. */
export const shaped =
  <D>(shape: Shape<D>): Check =>
  (value) =>
    shape.isExactly(value);

/** A user or group id. */
export const id: Check = isId;
